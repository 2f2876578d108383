"""Addresses of the pages about money."""

from django.urls import include, path

urlpatterns = [
    path("", include("joinedup.money.payment_urls")),
]
