"""The address of how a person is told."""

from django.urls import path

from joinedup.people.told.pages import my_told

urlpatterns = [path("my/told", my_told, name="my-told")]
