"""Addresses of the pages of a stay and of the hub; those of the board are in `board_urls`."""

from django.urls import path

from joinedup.discharge import hub_pages, stay_pages

urlpatterns = [
    path("hub", hub_pages.hub_list, name="hub"),
    path("hub.csv", hub_pages.hub_file, name="hub-file"),
    path("hub/<str:referral_id>", hub_pages.hub_referral, name="hub-referral"),
    path("stays/<str:spell_id>", stay_pages.stay, name="stay"),
    path("stays/<str:spell_id>/<slug:name>", stay_pages.act, name="stay-act"),
]
