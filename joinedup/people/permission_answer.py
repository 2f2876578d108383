"""Recording what somebody said when a worker asked to look: yes for this shift, or no."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from joinedup import record
from joinedup.fhir.issue import Invalid, NotPermitted
from joinedup.fhir.search.period import LONDON
from joinedup.people.pages import permit_for_people
from joinedup.people.permission_page import remember_no, wish_for
from joinedup.people.permission_rules import given_consent
from joinedup.people.queries import gather
from joinedup.record import Create
from joinedup.record.audit import leave_refusal
from joinedup.web.clock import now

__all__ = ["record_answer"]


@require_POST
def record_answer(request: HttpRequest, person_id: str) -> HttpResponse:
    """Record yes or no, and go back to the person.

    NotPermitted where nobody asked to be asked: a worker's word never undoes a plain no.
    """
    permit, at = permit_for_people(request), now()
    answer = request.POST.get("answer", "")
    if answer not in ("yes", "no"):
        raise Invalid("Choose what the person said: yes or no.")
    if wish_for(permit, gather(permit, person_id), at) != "ask":
        raise NotPermitted("This person is not to be asked now.")
    if answer == "yes":
        given = Create(given_consent(permit.worker, person_id, at))
        record.commit(permit, [given], action="permission", detail="yes")
    else:
        refusal = NotPermitted("The person said no.")
        leave_refusal(permit, refusal, "permission to view: no", person_id)
        remember_no(request, person_id, f"{at.astimezone(LONDON):%H:%M}")
    return redirect(f"/people/{person_id}")
