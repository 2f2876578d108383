"""Addresses of the doors for machines: the FHIR API, and what watches joinedup."""

from django.urls import path

from joinedup.api import urls as api
from joinedup.site.health import livez, metrics, readyz

urlpatterns = [
    *api.urlpatterns,
    path("livez", livez),
    path("readyz", readyz),
    path("metrics", metrics),
]
handler500 = api.handler500
