"""Who should see what, written from domain.md 0, 1.2, 1.4, 5 and 6 and apart from access/policy.

Nothing here is read from the product: types are put into kinds of information by hand, and each
role says which kinds it may look at, change and take away, and who counts as caring for somebody.
"""

from typing import NamedTuple

__all__ = ["ROLES", "STATES", "TYPES", "Expected", "expected"]

_KINDS = {
    "who": "Patient RelatedPerson",
    "health": (
        "Condition AllergyIntolerance Observation DiagnosticReport Procedure Immunization"
        " ImagingStudy Specimen List RiskAssessment DeviceRequest FamilyMemberHistory Device"
        " MeasureReport"
    ),
    "medicine": "MedicationRequest MedicationStatement MedicationDispense MedicationAdministration",
    "note": (
        "Communication DocumentReference Composition ClinicalImpression CommunicationRequest Media"
    ),
    "alert": "Flag DetectedIssue",
    "plan": "CarePlan CareTeam Goal NutritionOrder",
    "visit": "Encounter Appointment",
    "support": "EpisodeOfCare QuestionnaireResponse SupplyRequest",
    "work": "ServiceRequest Task RequestGroup",
    "money": "Account Claim Coverage Invoice ChargeItem ExplanationOfBenefit",
    "access": "Consent Provenance",
    "shared": "Organization Practitioner Location Questionnaire",
}
KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}
TYPES = tuple(KIND_OF)
"""The types of the matrix: every kind of information, and each type of the hot six."""

STATES = (
    "none registered encounter encounter-ended referral request service service-ended team"
    " team-member area glass glass-over permission permission-over self proxy objected"
).split()
"""How somebody stands to the person: not at all, on each ground, after it ended, objected to."""

_LIVE_CARE = frozenset(
    "registered encounter referral request service team team-member area glass permission".split()
)
# Objected: an encounter is open, and the person objects to that organisation. Who they are, and
# what they decided about access, cannot be objected away.
_CLINICAL = set("who health medicine note alert plan visit support work access".split())
_RECEPTION = _LIVE_CARE - set("request service team team-member area glass permission".split())
_HOME = frozenset("referral service team team-member glass".split())
_BROKER = frozenset("referral request service team team-member".split())
_FINANCE = frozenset("referral request service".split())


class Role(NamedTuple):
    """What a role looks at and changes of people it stands so to; `place`: of everybody."""

    looks: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    exports: frozenset[str] = frozenset()
    place: bool = False
    keeps_lists: bool = False


def _role(
    looks: set[str], states: frozenset[str], *, changes: set[str] | None = None, lists: bool = False
) -> Role:
    kept = looks if changes is None else changes
    return Role(frozenset(looks), frozenset(kept), states, keeps_lists=lists)


_DAILY = {"who", "alert", "plan", "visit", "support", "work"}
_WHOLE = frozenset({*_CLINICAL, "money"})
ROLES = {
    "gp": _role(_CLINICAL, _LIVE_CARE, lists=True),
    "practice-nurse": _role(_CLINICAL, _LIVE_CARE),
    "district-nurse": _role(_CLINICAL, _LIVE_CARE),
    "ward-nurse": _role(_CLINICAL, _LIVE_CARE),
    "ward-manager": _role(_CLINICAL, _LIVE_CARE, lists=True),
    "consultant": _role(_CLINICAL, _LIVE_CARE, lists=True),
    "discharge-coordinator": _role(_CLINICAL, _LIVE_CARE),
    "occupational-therapist": _role(_CLINICAL, _LIVE_CARE),
    # AC-04: health where the work needs it, no free text of notes; the budget, to plan.
    "social-worker": _role(
        (_CLINICAL - {"note"}) | {"money"}, _LIVE_CARE, changes=_CLINICAL - {"note"}
    ),
    "safeguarding-lead": _role(_CLINICAL, _LIVE_CARE, changes=_CLINICAL - {"note"}),
    "link-worker": _role(_DAILY, _LIVE_CARE),
    "receptionist": _role({"who", "visit", "alert"}, _RECEPTION, changes={"who", "visit"}),
    "broker": _role(_DAILY, _BROKER),
    "provider-worker": _role(
        {"who", "alert", "plan", "visit", "support", "medicine"},
        _HOME,
        changes={"who", "alert", "plan", "visit", "support"},
    ),
    "finance-officer": _role({"who", "money"}, _FINANCE, changes={"money"}),
    "privacy-officer": Role(frozenset({"who", "access"}), frozenset({"access"}), place=True),
    "commissioner": Role(),
    "analyst": Role(),
    "person": Role(_WHOLE, frozenset({"access"}), frozenset({"self"}), _WHOLE),
    "proxy": Role(_WHOLE, frozenset(), frozenset({"proxy"})),
    "system": Role(
        _WHOLE | {"shared"}, _WHOLE | {"shared"}, exports=_WHOLE | {"shared"}, place=True
    ),
}


class Expected(NamedTuple):
    """What a cell should be: whether it is seen, changed, taken away."""

    sees: bool
    changes: bool
    exports: bool


def expected(role: str, kind_of_resource: str, state: str) -> Expected:
    """Return what domain.md says of a role, a type and how it stands to the person."""
    rule, kind = ROLES[role], KIND_OF[kind_of_resource]
    if kind == "shared":
        return Expected(
            True, rule.keeps_lists or "shared" in rule.changes, "shared" in rule.exports
        )
    cared_for = rule.place or state in rule.states
    if state == "objected":
        cared_for = rule.place or ("encounter" in rule.states and kind in ("who", "access"))
    return Expected(
        cared_for and kind in rule.looks,
        cared_for and kind in rule.changes,
        cared_for and kind in rule.exports,
    )
