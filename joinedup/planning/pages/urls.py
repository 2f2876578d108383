"""Addresses of the pages about planning."""

from django.urls import path

from joinedup.planning.pages import views

urlpatterns = [
    path("plan", views.plan, name="plan"),
    path("plan/play", views.play, name="plan-play"),
    path("plan/<slug:slug>", views.plan_results, name="plan-results"),
]
