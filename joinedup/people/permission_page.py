"""What stands in place of a person's page while they do not want to be looked at.

Identity, why nothing is shown, and the question to ask. What the worker answers is recorded by
`permission_answer`.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from joinedup.access.guard import REASONS
from joinedup.access.permit import Permit
from joinedup.access.words import DataClass, Ground, Power
from joinedup.people.actions import may_change_contact
from joinedup.people.break_glass_offer import remember_shown
from joinedup.people.permission_rules import Wish, wish_of
from joinedup.people.presenters.life import Life
from joinedup.people.presenters.page import present_page
from joinedup.record.trusted import objected
from joinedup.web.layout import render

__all__ = ["closed_page", "remember_no", "wish_for"]

_SAID_NO = "said-no"


def wish_for(permit: Permit, life: Life, at: datetime) -> Wish:
    """Return what the person said that stands between this reader and their summary now.

    Nothing stands before who would not see a summary anyway, such as the privacy officer. A role
    that sees no choices about sharing is told that something is hidden, and not which was said.
    """
    if not permit.sees_class(DataClass.ACCESS):
        return "hidden" if objected(permit, life.person.id) else ""
    if not permit.sees[Ground.PERMISSION]:
        return ""
    return wish_of(permit, life.person.resource, life.access, at)


def remember_no(request: HttpRequest, person_id: str, clock: str) -> None:
    """Keep in the session that somebody was asked and said no, so that the page says so."""
    request.session[_SAID_NO] = {**request.session.get(_SAID_NO, {}), person_id: clock}


def closed_page(
    request: HttpRequest, permit: Permit, life: Life, wish: Wish, at: datetime
) -> HttpResponse:
    """Return the page of somebody who wants to be asked, or who said no; nothing of the summary.

    In an emergency a role that may break glass gives a reason here too.
    """
    page = present_page(life, None, at)
    remember_shown(request, [(life.person.id, page.identity.name)])
    context = {
        "title": page.identity.name,
        "page": page,
        "may_change_contact": may_change_contact(permit),
        "wish": wish,
        "said_no": request.session.get(_SAID_NO, {}).get(life.person.id, ""),
        "may_break": permit.may(Power.BREAK_GLASS),
        "reasons": REASONS,
    }
    return render(request, "people/permission.jinja", context, here="people")
