"""Addresses of the pages: the rooms', sign-in's, and the tour's."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/tour", query_string=False)),
    path("", include("joinedup.people.urls")),
    path("", include("joinedup.signin.urls")),
    path("", include("joinedup.site.tour")),
]
