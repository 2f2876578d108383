"""Addresses of the pages: the rooms', sign-in's, and the tour's."""

from django.urls import include, path

urlpatterns = [
    path("", include("joinedup.people.break_glass_urls")),
    path("", include("joinedup.people.rights.urls")),
    path("", include("joinedup.smart.urls")),
    path("", include("joinedup.planning.pages.urls")),
    path("", include("joinedup.money.urls")),
    path("", include("joinedup.beds.urls")),
    path("", include("joinedup.work.urls")),
    path("", include("joinedup.people.told.urls")),
    path("", include("joinedup.measures.urls")),
    path("", include("joinedup.discharge.board_urls")),
    path("", include("joinedup.brokerage.urls")),
    path("", include("joinedup.signin.link_urls")),
    path("", include("joinedup.discharge.urls")),
    path("", include("joinedup.people.urls")),
    path("", include("joinedup.signin.urls")),
    path("", include("joinedup.site.tour")),
]

handler404 = "joinedup.web.refusals.not_found"
handler500 = "joinedup.web.refusals.server_error"
