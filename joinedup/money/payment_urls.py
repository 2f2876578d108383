"""Addresses of what moves money: approvals, invoices, exceptions, pay runs."""

from django.urls import path

from joinedup.money import approval_pages, exception_pages, held_pages, invoice_pages, pay_run_pages

urlpatterns = [
    path("money/approvals", approval_pages.approvals_page, name="money-approvals"),
    path("money/approvals/<str:task_id>", approval_pages.approval_page, name="money-approval"),
    path("money/invoices", invoice_pages.invoices_page, name="money-invoices"),
    path("money/exceptions", exception_pages.exceptions_page, name="money-exceptions"),
    path("money/exceptions/<str:task_id>", exception_pages.exception_page, name="money-exception"),
    path("money/pay-runs", pay_run_pages.pay_runs_page, name="money-pay-runs"),
    path("money/pay-runs/<str:run>", pay_run_pages.pay_run_page, name="money-pay-run"),
    path("money/pay-runs/<str:run>/file", pay_run_pages.pay_run_file, name="money-pay-run-file"),
    path("money/journal", pay_run_pages.journal_page, name="money-journal"),
    path("money/held", held_pages.held, name="money-held"),
    path("money/decisions", approval_pages.decisions_page, name="money-decisions"),
]
