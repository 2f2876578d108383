"""The one table: which role may do what, with which kind of information, on which relationship.

Readable as a page of the manual (docs/access.md is printed from it). Everything the record shows or
refuses comes from here: as a permit's masks in Python, and as row security told the same masks.
Sources: domain.md 0, 1.2, 1.4 (AC-01 to AC-04), 5.2 (ON-01 to ON-05), 6.3 (CA-02).
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from joinedup.access.powers import CLINICIANS, POWERS, SETTLE_IDENTITY, WARD
from joinedup.access.words import Action, DataClass, Ground, Label, Purpose, Role

__all__ = [
    "CARE",
    "KEPT_FROM_PERSON",
    "LABELS",
    "POWERS",
    "RULES",
    "SEES_WHERE_RESTRICTED",
    "Rule",
    "allowed",
    "labels_marked",
    "labels_seen",
    "masks",
    "purpose_of",
]

_D = DataClass
_G = Ground
_LOOK = Action.LOOK
_WORK = Action.LOOK | Action.CHANGE | Action.PRINT
_READ = Action.LOOK | Action.PRINT
_ALL = Action.LOOK | Action.CHANGE | Action.PRINT | Action.EXPORT

CARE: tuple[Ground, ...] = (
    _G.REGISTERED,
    _G.ENCOUNTER,
    _G.REFERRAL,
    _G.REQUEST,
    _G.SERVICE,
    _G.CARE_TEAM,
    _G.DUTY_AREA,
    _G.NEW_PERSON,
    _G.BREAK_GLASS,
    _G.PERMISSION,
)
"""The grounds on which somebody who cares for a person may look."""

HEALTH = (_D.DEMOGRAPHIC, _D.CLINICAL, _D.MEDICINES, _D.NOTES, _D.ALERTS, _D.PLAN, _D.VISITS)
HEALTH_SUMMARY = (_D.DEMOGRAPHIC, _D.CLINICAL, _D.MEDICINES, _D.ALERTS, _D.PLAN, _D.VISITS)
SUPPORT = (_D.SOCIAL_CARE, _D.WORK)


class Rule(Struct, frozen=True):
    """One line of the table: these roles may do this with these classes on these grounds."""

    roles: tuple[Role, ...]
    actions: Action
    classes: tuple[DataClass, ...]
    grounds: tuple[Ground, ...]
    why: str


_EVERYBODY = tuple(Role)
_HOSPITAL_RETURNS = (Role.DISCHARGE_COORDINATOR, Role.WARD_MANAGER, Role.CONSULTANT)
_READ_RETURNS = (
    *_HOSPITAL_RETURNS,
    Role.COMMISSIONER,
    Role.ANALYST,
    Role.FINANCE_OFFICER,
)
_HOME_CARE = (_G.SERVICE, _G.CARE_TEAM, _G.REFERRAL, _G.BREAK_GLASS)

RULES: tuple[Rule, ...] = (
    Rule(_EVERYBODY, _LOOK, (_D.SHARED,), (_G.NONE,), "Who and where: organisations, workers."),
    Rule(
        (Role.GP, Role.CONSULTANT, Role.WARD_MANAGER, Role.SYSTEM),
        Action.CHANGE,
        (_D.SHARED,),
        (_G.NONE,),
        "Who keeps the lists of places, teams and workers.",
    ),
    Rule(
        CLINICIANS,
        _WORK,
        (*HEALTH, *SUPPORT, _D.ACCESS),
        CARE,
        "Clinicians caring for a person see the whole shared record; money is no part of it.",
    ),
    Rule(
        (Role.DISCHARGE_COORDINATOR, Role.OCCUPATIONAL_THERAPIST),
        _WORK,
        (*HEALTH, *SUPPORT, _D.ACCESS),
        CARE,
        "Getting somebody home needs what was said and what is arranged.",
    ),
    Rule(
        (Role.SOCIAL_WORKER, Role.SAFEGUARDING_LEAD),
        _WORK,
        (*HEALTH_SUMMARY, *SUPPORT, _D.ACCESS),
        CARE,
        "Social care sees health where its work needs it, not the free text of notes (AC-04).",
    ),
    Rule(
        (Role.SOCIAL_WORKER,),
        _READ,
        (_D.FINANCIAL,),
        CARE,
        "A plan is made knowing its budget.",
    ),
    Rule(
        (Role.SAFEGUARDING_LEAD,),
        _READ,
        (_D.NOTES,),
        CARE,
        "An enquiry reads what was written.",
    ),
    Rule(
        (Role.LINK_WORKER,),
        _WORK,
        (_D.DEMOGRAPHIC, _D.ALERTS, _D.PLAN, _D.VISITS, *SUPPORT),
        CARE,
        "A link worker helps with daily life: no results, no medicines, no notes.",
    ),
    Rule(
        (Role.RECEPTIONIST,),
        _WORK,
        (_D.DEMOGRAPHIC, _D.VISITS),
        (_G.REGISTERED, _G.ENCOUNTER, _G.REFERRAL, _G.NEW_PERSON),
        "Reception knows who somebody is and when they come.",
    ),
    Rule(
        (Role.RECEPTIONIST,),
        _LOOK,
        (_D.ALERTS,),
        (_G.REGISTERED, _G.ENCOUNTER, _G.REFERRAL, _G.NEW_PERSON),
        "Reception must know an interpreter or a ramp is needed (DAPB1605).",
    ),
    Rule(
        (Role.BROKER,),
        _WORK,
        (_D.DEMOGRAPHIC, _D.ALERTS, _D.PLAN, _D.VISITS, *SUPPORT),
        (_G.REQUEST, _G.SERVICE, _G.REFERRAL, _G.CARE_TEAM),
        "A broker finds care for described needs.",
    ),
    Rule(
        (Role.PROVIDER_WORKER,),
        Action.LOOK | Action.CHANGE,
        (_D.DEMOGRAPHIC, _D.ALERTS, _D.PLAN, _D.VISITS, _D.SOCIAL_CARE),
        _HOME_CARE,
        "Who comes to the house sees the plan and the visits.",
    ),
    Rule(
        (Role.PROVIDER_WORKER,),
        _LOOK,
        (_D.MEDICINES,),
        _HOME_CARE,
        "And the medicines they may help with.",
    ),
    Rule(
        (Role.FINANCE_OFFICER,),
        _WORK,
        (_D.FINANCIAL,),
        (_G.REQUEST, _G.SERVICE, _G.REFERRAL),
        "Finance pays for what was agreed.",
    ),
    Rule(
        (Role.FINANCE_OFFICER,),
        _LOOK,
        (_D.DEMOGRAPHIC,),
        (_G.REQUEST, _G.SERVICE, _G.REFERRAL),
        "And knows whom it pays for.",
    ),
    Rule(
        (Role.FINANCE_OFFICER,),
        _ALL,
        (_D.FUNDS, _D.STARTS),
        (_G.NONE,),
        "Keeps the accounts of the place: pools, grants, what providers are owed (BU-09).",
    ),
    Rule(
        (Role.COMMISSIONER,),
        Action.LOOK | Action.PRINT | Action.EXPORT,
        (_D.FUNDS, _D.STARTS),
        (_G.NONE,),
        "Answers for what the place's money bought, in figures that name nobody.",
    ),
    Rule(
        _READ_RETURNS,
        Action.LOOK | Action.PRINT | Action.EXPORT,
        (_D.RETURNS,),
        (_G.NONE,),
        "Knows how the place does, in counts that name nobody (DI-08, WI-01).",
    ),
    Rule(
        _HOSPITAL_RETURNS,
        Action.CHANGE,
        (_D.RETURNS,),
        (_G.NONE,),
        "Sends what the hospital returns, and amends it: a version each time, none changed.",
    ),
    Rule(
        tuple(role for role in Role if role not in (Role.PERSON, Role.PROXY, Role.SYSTEM)),
        _READ,
        (_D.BED,),
        (_G.NONE,),
        "Every worker knows the wards and beds, and which are closed; never who lies in them.",
    ),
    Rule(
        WARD,
        Action.CHANGE,
        (_D.BED,),
        (_G.NONE,),
        "Opens, cleans and closes the beds of the hospital they work for (domain.md 9.2).",
    ),
    Rule(
        (Role.PRIVACY_OFFICER,),
        _WORK,
        (_D.ACCESS,),
        (_G.PLACE,),
        "Answers for who looked, what was objected to and why glass was broken.",
    ),
    Rule(
        (Role.PRIVACY_OFFICER,),
        _LOOK,
        (_D.DEMOGRAPHIC,),
        (_G.PLACE,),
        "And must know whose record it was.",
    ),
    Rule(
        (Role.PERSON,),
        _READ,
        (*HEALTH, *SUPPORT, _D.FINANCIAL, _D.ACCESS),
        (_G.SELF,),
        "A person sees their own record (domain.md 5).",
    ),
    Rule(
        (Role.PERSON,),
        Action.CHANGE | Action.EXPORT,
        (_D.ACCESS,),
        (_G.SELF,),
        "And decides what is shared, and takes a copy.",
    ),
    Rule(
        (Role.PERSON,),
        Action.EXPORT,
        (*HEALTH, *SUPPORT, _D.FINANCIAL),
        (_G.SELF,),
        "A copy of one's own record is a right (UK GDPR 15).",
    ),
    Rule(
        (Role.PROXY,),
        _READ,
        (*HEALTH, *SUPPORT, _D.FINANCIAL, _D.ACCESS),
        (_G.PROXY,),
        "Never more than the person sees, and of that only what was granted (ON-01).",
    ),
    Rule(
        SETTLE_IDENTITY,
        Action.LOOK | Action.CHANGE,
        (_D.IDENTITY,),
        (_G.PLACE,),
        "Says whose it is that came without saying so: names and dates, never what is in it. "
        "Settles what a hospital's messages wait for: ward, bed and visit, and nobody's name.",
    ),
    Rule((Role.SYSTEM,), _ALL, tuple(DataClass), (_G.PLACE,), "The place's own jobs."),
)

KEPT_FROM_PERSON = (Label.SERIOUS_HARM, Label.ABOUT_ANOTHER)
"""Labels that keep an entry from the person and those they trust, and from no worker (ON-01)."""
_EVERY_LABEL = tuple(label for label in Label if label is not Label.NONE)
_SAFEGUARDING = (Label.THIRD_PARTY, Label.DOMESTIC_ABUSE, Label.PUBLIC_PROTECTION)

LABELS: Mapping[Role, tuple[tuple[Label, ...], tuple[Label, ...]]] = {
    Role.GP: (
        (Label.RESTRICTED, Label.SEXUAL_HEALTH, *_SAFEGUARDING, Label.FERTILITY),
        (Label.VERY_RESTRICTED,),
    ),
    Role.CONSULTANT: (
        (Label.RESTRICTED, Label.THIRD_PARTY, Label.DOMESTIC_ABUSE),
        (Label.VERY_RESTRICTED, Label.SEXUAL_HEALTH, Label.FERTILITY),
    ),
    Role.PRACTICE_NURSE: (
        (Label.SEXUAL_HEALTH, Label.FERTILITY),
        (Label.RESTRICTED, Label.VERY_RESTRICTED),
    ),
    Role.SOCIAL_WORKER: (
        (Label.THIRD_PARTY, Label.DOMESTIC_ABUSE),
        (Label.RESTRICTED, Label.VERY_RESTRICTED, Label.PUBLIC_PROTECTION),
    ),
    Role.SAFEGUARDING_LEAD: (
        (Label.RESTRICTED, Label.VERY_RESTRICTED, *_SAFEGUARDING),
        (Label.SEXUAL_HEALTH,),
    ),
    Role.WARD_NURSE: ((), (Label.RESTRICTED, Label.VERY_RESTRICTED, Label.DOMESTIC_ABUSE)),
    Role.WARD_MANAGER: ((), (Label.RESTRICTED, Label.VERY_RESTRICTED, Label.DOMESTIC_ABUSE)),
    Role.DISTRICT_NURSE: ((), (Label.RESTRICTED, Label.VERY_RESTRICTED, Label.DOMESTIC_ABUSE)),
    Role.DISCHARGE_COORDINATOR: ((), (Label.RESTRICTED, Label.VERY_RESTRICTED)),
    Role.OCCUPATIONAL_THERAPIST: ((), (Label.RESTRICTED, Label.VERY_RESTRICTED)),
    Role.PERSON: (
        (Label.RESTRICTED, Label.SEXUAL_HEALTH, Label.FERTILITY, Label.GENDER_HISTORY),
        (Label.VERY_RESTRICTED, Label.SERIOUS_HARM),
    ),
    Role.PRIVACY_OFFICER: (_EVERY_LABEL, ()),
    Role.SYSTEM: (_EVERY_LABEL, ()),
}
"""For each role, the labels it sees and those that are marked: the page says that something is
withheld and whom to ask. Every other label is silent to it: no trace, no count. A proxy, and every
role not named, sees none and is told of none; but what is kept from the person alone, every worker
sees."""

SEES_WHERE_RESTRICTED: tuple[Role, ...] = (Role.PERSON, Role.SYSTEM)
"""Who sees where a restricted person lives and how to reach her (domain.md 1.2, "S-flag")."""

_PURPOSES: Mapping[Role, Purpose] = {
    Role.ANALYST: Purpose.ANALYSIS,
    Role.COMMISSIONER: Purpose.ANALYSIS,
    Role.PERSON: Purpose.OWN_CARE,
    Role.PROXY: Purpose.OWN_CARE,
    Role.FINANCE_OFFICER: Purpose.ADMINISTRATION,
    Role.PRIVACY_OFFICER: Purpose.ADMINISTRATION,
    Role.SYSTEM: Purpose.SYSTEM,
}


def purpose_of(role: Role) -> Purpose:
    """Return why somebody in this role looks: direct care, unless the role is for another end."""
    return _PURPOSES.get(role, Purpose.DIRECT_CARE)


def allowed(role: Role, data_class: DataClass, ground: Ground) -> Action:
    """Return the cell of the table: everything the role may do with that class on that ground."""
    found = Action.NONE
    for rule in _rules_of(role):
        if data_class in rule.classes and ground in rule.grounds:
            found |= rule.actions
    return found


def _rules_of(role: Role) -> Iterator[Rule]:
    return (rule for rule in RULES if role in rule.roles)


@lru_cache(maxsize=256)
def masks(role: Role, action: Action) -> tuple[int, ...]:
    """Return, for each ground in order, the classes the role may do this with, bit by bit."""
    return tuple(
        sum(1 << c for c in DataClass if action in allowed(role, c, ground)) for ground in Ground
    )


def labels_seen(role: Role) -> int:
    """Return the bits of the labels a role sees."""
    own = LABELS.get(role, ((), ()))[0]
    return _sum(own if role in (Role.PERSON, Role.PROXY) else (*own, *KEPT_FROM_PERSON))


def labels_marked(role: Role) -> int:
    """Return the bits of the labels a role is told of, without seeing what carries them."""
    return _sum(LABELS.get(role, ((), ()))[1])


def _sum(labels: Iterable[Label]) -> int:
    return int(sum(set(labels)))
