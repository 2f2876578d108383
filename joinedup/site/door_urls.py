"""Addresses of the doors for machines: the FHIR API, and what watches joinedup."""

from django.urls import include, path, re_path

from joinedup.site.health import livez, metrics, readyz

urlpatterns = [
    path("livez", livez),
    path("readyz", readyz),
    path("metrics", metrics),
    # A transaction is posted to /fhir itself, with or without a last slash.
    re_path(r"^fhir/?", include("joinedup.api.urls")),
]
