"""Addresses of apps: the page that lets one in, what apps speak to, one's own list, opening one."""

from django.urls import path

from joinedup.smart import authorize_pages, launch_pages, my_pages, token_pages

urlpatterns = [
    path("smart/authorize", authorize_pages.authorize),
    path("smart/person", authorize_pages.choose_person),
    path("smart/decide", authorize_pages.decide),
    path("smart/token", token_pages.token),
    path("smart/introspect", token_pages.introspect),
    path("smart/revoke", token_pages.give_back),
    path("smart/keys", token_pages.keys),
    path(".well-known/openid-configuration", token_pages.openid),
    path("smart/open/<str:person_id>", launch_pages.open_app),
    path("my/apps", my_pages.my_apps),
    path("my/apps/<uuid:agreement_id>/end", my_pages.end_app),
]
