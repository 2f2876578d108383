"""Addresses of the money pages; those of what moves money are in `payment_urls`."""

from django.urls import include, path

from joinedup.money import backdated_pages, csv_pages, form_pages, pages, starts_pages

urlpatterns = [
    path("", include("joinedup.money.payment_urls")),
    path("money", pages.money, name="money"),
    path("money/backdated", backdated_pages.backdated, name="money-backdated"),
    path("money/grants/new", form_pages.new_grant, name="money-new-grant"),
    path("money/grants/<str:grant_id>", pages.grant, name="money-grant"),
    path("money/grants/<str:grant_id>/shares.csv", csv_pages.shares_file, name="money-shares"),
    path("money/pools/new", form_pages.new_pool, name="money-new-pool"),
    path("money/pools/<str:pool_id>", pages.pool, name="money-pool"),
    path("money/pools/<str:pool_id>/statement.csv", csv_pages.statement_file, name="money-state"),
    path("money/agreements/<str:agreement_id>/give", form_pages.give, name="money-give"),
    path("money/agreements/<str:agreement_id>/promise", form_pages.promise, name="money-promise"),
    path("money/agreements/<str:agreement_id>/starts", starts_pages.starts, name="money-starts"),
    path(
        "money/agreements/<str:agreement_id>/spending.csv",
        csv_pages.spending_file,
        name="money-spending",
    ),
]
