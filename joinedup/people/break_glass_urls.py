"""Addresses of broken glass and of the privacy officer's list; before those of people's lists."""

from django.urls import path

from joinedup.people.break_glass_pages import broken_glass_page, open_without_relationship

urlpatterns = [
    path("people/<str:person_id>/break-glass", open_without_relationship, name="break-glass"),
    path("access/break-glass", broken_glass_page, name="broken-glass"),
]
