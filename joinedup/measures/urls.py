"""Addresses of returns and winter."""

from django.urls import path

from joinedup.measures import (
    bed_return_pages,
    months,
    operation_pages,
    return_files,
    return_pages,
    winter_pages,
)

urlpatterns = [
    path("winter", winter_pages.winter, name="winter"),
    path("winter/level", winter_pages.say_level, name="winter-level"),
    path("winter/operations", operation_pages.operations, name="operations"),
    path("winter/operations/propose", operation_pages.propose, name="operations-propose"),
    path("winter/operations/<str:entry_id>/confirm", operation_pages.confirm, name="put-off"),
    path("winter/operations/<str:entry_id>/keep", operation_pages.keep_date, name="keep-date"),
    path("winter/operations/<str:entry_id>/told", operation_pages.tell, name="put-off-told"),
    path("winter/operations/<str:entry_id>/harm", operation_pages.review_harm, name="harm-review"),
    path("winter/operations/<str:entry_id>/pause", operation_pages.pause, name="no-pause"),
    path("returns", return_pages.returns, name="returns"),
    path("returns/months/<str:month>", months.month, name="returns-month"),
    path(
        "returns/months/<str:month>/<slug:what>.csv",
        return_files.month_file,
        name="returns-month-file",
    ),
    path("returns/<str:day>", return_pages.day, name="returns-day"),
    path("returns/<str:day>/people", return_pages.people, name="returns-people"),
    path("returns/<str:day>/beds", bed_return_pages.beds, name="returns-beds"),
    path("returns/<str:day>/beds/send", bed_return_pages.send, name="returns-beds-send"),
    path("returns/<str:day>/beds/amend", bed_return_pages.amend, name="returns-beds-amend"),
    path("returns/<str:day>/beds.csv", bed_return_pages.file, name="returns-beds-file"),
    path("returns/<str:day>/send", return_pages.send, name="returns-send"),
    path("returns/<str:day>/amend", return_pages.amend, name="returns-amend"),
    path("returns/<str:day>/sitrep.csv", return_files.day_file, name="returns-day-file"),
    path("returns/<str:day>/sitrep.json", return_files.report_file, name="returns-report"),
]
