"""Addresses of what a person may ask for. They stand before those of people's lists."""

from django.urls import path

from joinedup.people.rights import my_pages, officer_pages, worker_pages

urlpatterns = [
    path("my/rights", my_pages.my_rights, name="my-rights"),
    path("my/rights/copy/<str:request_id>", my_pages.my_copy, name="my-copy"),
    path("my/rights/copy/<str:request_id>/end", my_pages.my_copy_end, name="my-copy-end"),
    path("my/rights/wrong/<str:task_id>/end", my_pages.my_wrong_end, name="my-wrong-end"),
    path("my/wrong", my_pages.my_wrong, name="my-wrong"),
    path("my/print", my_pages.my_print, name="my-print"),
    path("people/<str:person_id>/rights", worker_pages.person_rights, name="person-rights"),
    path("people/<str:person_id>/wrong", worker_pages.person_wrong, name="person-wrong"),
    path(
        "people/<str:person_id>/disagreements",
        worker_pages.person_disagreements,
        name="person-disagreements",
    ),
    path("people/<str:person_id>/print", worker_pages.person_print, name="person-print"),
    path(
        "rights/disagreements",
        worker_pages.organisation_disagreements,
        name="organisation-disagreements",
    ),
    path("rights/requests", officer_pages.requests_page, name="record-requests"),
    path("rights/requests/<str:request_id>", officer_pages.request_review, name="record-request"),
    path(
        "rights/requests/<str:request_id>/paper",
        officer_pages.request_paper,
        name="record-request-paper",
    ),
]
