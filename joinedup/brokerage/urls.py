"""Addresses of finding care. That of a secret link is `signin.link_urls`: it counts tries."""

from django.urls import path

from joinedup.brokerage import capacity_pages, offer_pages, pages

urlpatterns = [
    path("capacity", capacity_pages.capacity, name="capacity"),
    path("capacity/mine", capacity_pages.mine, name="capacity-mine"),
    path("placements", pages.placements_page, name="placements"),
    path("placements/new/<str:referral_id>", pages.new_placement, name="placement-new"),
    path("placements/<str:placement_id>", pages.placement, name="placement"),
    path("offers", offer_pages.offers, name="offers"),
    path("offers/<str:placement_id>/<str:offer_id>", offer_pages.offer, name="offer"),
]
