"""The address of the privacy officer's list of alerts."""

from django.urls import path

from joinedup.people.alerts.pages import alerts_page

urlpatterns = [path("access/alerts", alerts_page, name="alerts")]
