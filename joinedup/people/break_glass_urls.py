"""Addresses of broken glass, permission to view and the privacy officer's list.

They stand before those of people's lists, which take any word.
"""

from django.urls import path

from joinedup.people.break_glass_pages import broken_glass_page, open_without_relationship
from joinedup.people.permission_answer import record_answer

urlpatterns = [
    path("people/<str:person_id>/break-glass", open_without_relationship, name="break-glass"),
    path("people/<str:person_id>/permission", record_answer, name="record-permission"),
    path("access/break-glass", broken_glass_page, name="broken-glass"),
]
