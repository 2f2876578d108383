"""Addresses of the work list of identity."""

from django.urls import path

from joinedup.people.identity.pages import identity_list, identity_question

urlpatterns = [
    path("identity", identity_list, name="identity"),
    path("identity/<str:question_id>", identity_question, name="identity-question"),
]
