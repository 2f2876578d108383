"""Addresses of the pages that join two records, part them, and move an entry.

They stand before those of people's lists, which take any word.
"""

from django.urls import path

from joinedup.people.merge_move_pages import entries_of, move_to_another
from joinedup.people.merge_pages import compare_records, join_which, part_records

urlpatterns = [
    path("people/<str:person_id>/join", join_which, name="join-which"),
    path("people/<str:person_id>/join/<str:other_id>", compare_records, name="compare-records"),
    path("people/<str:person_id>/part/<str:other_id>", part_records, name="part-records"),
    path("people/<str:person_id>/entries", entries_of, name="entries-of"),
    path(
        "people/<str:person_id>/entries/<str:kind>/<str:entry_id>",
        move_to_another,
        name="move-entry",
    ),
]
