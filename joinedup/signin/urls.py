"""Addresses of sign-in: the door, coming back to a page, one's own sign-in, a manager's staff."""

from django.urls import path

from joinedup.signin import account_pages, cover_pages, enrol_pages, kept, pages, staff_pages
from joinedup.signin.oidc import pages as oidc

urlpatterns = [
    path("sign-in", pages.sign_in, name="sign-in"),
    path("sign-in/code", pages.code),
    path("sign-in/passkey", pages.sign_in_with_passkey),
    path("sign-in/post", pages.choose_post),
    path("sign-in/first", enrol_pages.first),
    path("sign-in/second", enrol_pages.second),
    path("sign-in/second/wish", enrol_pages.second_wish),
    path("sign-in/second/passkey", enrol_pages.second_passkey),
    path("sign-in/kept-codes", enrol_pages.kept_codes),
    path("sign-in/with/<slug:name>", oidc.go),
    path("sign-in/with/<slug:name>/back", oidc.come),
    path("sign-in/with/<slug:name>/logged-out", oidc.logged_out),
    path("sign-out", pages.sign_out, name="sign-out"),
    path("session/left", cover_pages.left),
    path("session/here", cover_pages.stay),
    path("session/return", cover_pages.return_to_page),
    path("session/passkey", cover_pages.passkey_wish),
    path("session/back", cover_pages.back),
    path("kept/<uuid:kept_id>", kept.kept_form),
    path("account", account_pages.mine, name="account"),
    path("account/change", account_pages.change),
    path("account/end", account_pages.end_session),
    path("account/app", account_pages.add_app_page),
    path("account/passkey", account_pages.add_passkey_page),
    path("account/passkey/wish", account_pages.passkey_wish),
    path("staff", staff_pages.staff, name="staff"),
    path("staff/admit", staff_pages.admit_page),
    path("staff/<str:post_id>/end", staff_pages.end_page),
    path("staff/<str:post_id>/invite", staff_pages.invite_page),
]
