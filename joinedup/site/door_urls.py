"""Addresses of the doors for what watches joinedup; the FHIR API answers at `door`."""

from django.urls import path

from joinedup.site.health import livez, metrics, readyz

urlpatterns = [
    path("livez", livez),
    path("readyz", readyz),
    path("metrics", metrics),
]
