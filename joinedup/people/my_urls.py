"""Addresses of `/my`, the home of a person."""

from django.urls import path

from joinedup.people import my_choice_pages, my_pages

urlpatterns = [
    path("my", my_pages.my_home, name="my"),
    path("my/coming", my_pages.my_coming, name="my-coming"),
    path("my/summary", my_pages.my_summary, name="my-summary"),
    path("my/who-looked", my_pages.my_log, name="my-log"),
    path("my/agreed", my_pages.my_agreed, name="my-agreed"),
    path("my/agreed/object", my_choice_pages.my_objection, name="my-objection"),
    path("my/agreed/permission", my_choice_pages.my_permission, name="my-permission"),
    path("my/agreed/<str:consent_id>/end", my_choice_pages.my_end, name="my-end"),
]
