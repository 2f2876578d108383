"""Addresses of my work."""

from django.urls import path

from joinedup.work import pages

urlpatterns = [
    path("work", pages.my_work, name="work"),
    path("work/list", pages.my_work_list, name="work-list"),
    path("work/<str:task_id>/take", pages.take_errand, name="work-take"),
    path("work/<str:task_id>/give-back", pages.give_back_errand, name="work-give-back"),
    path("work/<str:task_id>/done", pages.finish_errand, name="work-done"),
]
