"""Addresses of the pages about planning."""

from django.urls import path

from joinedup.planning.pages import views
from joinedup.planning.pages.plan_fortnight_page import plan_fortnight
from joinedup.planning.pages.plan_spend_page import plan_spend

urlpatterns = [
    path("plan", views.plan, name="plan"),
    path("plan/play", views.play, name="plan-play"),
    path("plan/fortnight", plan_fortnight, name="plan-fortnight"),
    path("plan/spend", plan_spend, name="plan-spend"),
    path("plan/<slug:slug>", views.plan_results, name="plan-results"),
]
