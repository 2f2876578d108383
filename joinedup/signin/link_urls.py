"""Addresses that open by a secret: the offer a provider answers from a telephone."""

from django.urls import path

from joinedup.brokerage.links import NOTHING
from joinedup.brokerage.offer_pages import offer_link
from joinedup.signin.limited import by_secret

urlpatterns = [path("o/<str:secret>", by_secret(offer_link, words=NOTHING), name="offer-link")]
