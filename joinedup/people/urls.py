"""Addresses of the pages about people."""

from django.urls import path

from joinedup.people import pages
from joinedup.people.alerts.urls import urlpatterns as alert_urlpatterns
from joinedup.people.contact_pages import change_contact_details
from joinedup.people.identity.urls import urlpatterns as identity_urlpatterns
from joinedup.people.merge_urls import urlpatterns as merge_urlpatterns
from joinedup.people.my_urls import urlpatterns as my_urlpatterns
from joinedup.people.proxies.urls import urlpatterns as proxy_urlpatterns

urlpatterns = [
    *my_urlpatterns,
    *proxy_urlpatterns,
    *alert_urlpatterns,
    *merge_urlpatterns,
    *identity_urlpatterns,
    path("", pages.home, name="home"),
    path("people/", pages.find_person, name="find-person"),
    path("people/<str:person_id>", pages.person, name="person"),
    path("people/<str:person_id>/timeline", pages.person_timeline, name="person-timeline"),
    path("people/<str:person_id>/contact", change_contact_details, name="change-contact"),
    path("people/<str:person_id>/<slug:slug>", pages.person_list, name="person-list"),
]
