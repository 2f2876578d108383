"""Addresses of the pages of beds."""

from django.urls import path

from joinedup.beds import form_pages, pages

urlpatterns = [
    path("beds", pages.beds, name="beds"),
    path("beds/live", pages.beds_live, name="beds-live"),
    path("beds/move/<str:stay_id>", form_pages.move_page, name="beds-move"),
    path("beds/<str:ward_id>", pages.bed_map, name="beds-ward"),
    path("beds/<str:ward_id>/live", pages.bed_map_live, name="beds-ward-live"),
    path("beds/<str:ward_id>/outbreak", form_pages.outbreak_page, name="beds-outbreak"),
    path("beds/<str:ward_id>/<str:bed_id>", form_pages.bed_page, name="beds-bed"),
]
