"""The manual's page of who may see what: `docs/access.md`, printed from the policy.

`python -m joinedup.access.manual > docs/access.md`; a test fails when the page is not up to date.
"""

from collections.abc import Iterable, Iterator

from joinedup.access.policy import LABELS, POWERS, RULES, Rule, allowed
from joinedup.access.words import Action, DataClass, Ground, Label, Power, Role
from joinedup.access.work import WORK
from joinedup.fhir.classes import CLASS_OF_TYPE
from joinedup.fhir.relationships import FUNCTIONS, GRACE

__all__ = ["access_manual"]

_BEGINNING = """\
# Who may see what

One table decides what each role may do with which kind of information, and on what ground. It is
`joinedup/access/policy.py`; this page is printed from it by
`python -m joinedup.access.manual > docs/access.md`. What no line allows is refused. A resource that
names several people shows only to who may see it of each of them.
"""

_GROUND_WORDS: dict[Ground, str] = {
    Ground.NONE: "nobody's information",
    Ground.PLACE: "answers for the whole place",
    Ground.REGISTERED: "the person's practice",
    Ground.ENCOUNTER: "a stay or visit",
    Ground.REFERRAL: "a referral",
    Ground.REQUEST: "a request",
    Ground.SERVICE: "a service",
    Ground.CARE_TEAM: "the care team",
    Ground.DUTY_AREA: "on duty where the person lives",
    Ground.NEW_PERSON: "entered the person",
    Ground.BREAK_GLASS: "broke glass",
    Ground.PERMISSION: "the person said yes",
    Ground.SELF: "the person",
    Ground.PROXY: "the person's proxy",
}
_ACTION_WORDS = {
    Action.LOOK: "look",
    Action.CHANGE: "change",
    Action.PRINT: "print",
    Action.EXPORT: "take a copy",
}


def access_manual() -> str:
    """Return docs/access.md: lines of the table, cells by role, labels, powers, kinds of types."""
    parts = (_lines(), _cells(), _labels(), _powers(), _work(), _functions(), _types())
    return "\n".join([_BEGINNING, *("\n".join(part) for part in parts)]) + "\n"


def _lines() -> Iterator[str]:
    yield "## The table, line by line"
    yield ""
    yield from _table(
        ("Who", "May", "With", "Because of", "Why"),
        (
            (_roles(r.roles), _actions(r.actions), _classes(r), _grounds(r.grounds), r.why)
            for r in RULES
        ),
    )
    yield f"A relationship of care shows for {GRACE.days} days after it ended; broken glass,"
    yield "a permission and a proxy end to the second."
    yield ""


def _cells() -> Iterator[str]:
    yield "## What each role may look at, and change"
    yield ""
    yield "L: look. C: change too. A dot: neither, on any ground."
    yield ""
    rows = ((_role(role), *(_cell(role, c) for c in DataClass)) for role in Role)
    yield from _table(("", *map(_word, DataClass)), rows)


def _cell(role: Role, data_class: DataClass) -> str:
    found = Action.NONE
    for ground in Ground:
        found |= allowed(role, data_class, ground)
    looks, changes = Action.LOOK in found, Action.CHANGE in found
    return "".join(["L" if looks else "", "C" if changes else ""]) or "·"


def _labels() -> Iterator[str]:
    yield "## What a label does"
    yield ""
    yield "Every other label is silent: no trace and no count. A role that is not here sees none."
    yield "What is kept from the person alone (serious harm, about another) every worker sees."
    yield ""
    yield from _table(
        ("Who", "Sees", "Is told that something is withheld"),
        ((_role(r), _said(seen), _said(marked)) for r, (seen, marked) in LABELS.items()),
    )


def _said(labels: Iterable[Label]) -> str:
    return ", ".join(_word(label) for label in labels) or "none"


def _powers() -> Iterator[str]:
    yield "## What else a role may do"
    yield ""
    yield from _table(("What", "Who"), ((p.value, _roles(POWERS[p])) for p in Power))


def _work() -> Iterator[str]:
    yield "## Whose work each kind of errand is"
    yield ""
    yield "A list at `/work` shows what waits of these, as far as its worker may see them."
    yield ""
    yield from _table(("Kind of Task", "Who"), ((kind, _roles(who)) for kind, who in WORK.items()))


def _functions() -> Iterator[str]:
    yield "## What a proxy can be trusted with, one by one"
    yield ""
    rows = (
        (name, ", ".join(_word(c) for c in DataClass if mask >> c & 1))
        for name, mask in FUNCTIONS.items()
    )
    yield from _table(("Function", "Shows"), rows)


def _types() -> Iterator[str]:
    yield "## Which kind of information a resource is"
    yield ""
    yield "A type that is not here is kept for nobody. A shared type that names a person is health."
    yield "A Person that links a worker is access, under the label of the privacy office: it tells"
    yield "who of the staff is a patient, and nobody else sees it."
    yield ""
    rows = (
        (_word(c), ", ".join(sorted(t for t, its in CLASS_OF_TYPE.items() if its is c)))
        for c in DataClass
    )
    yield from _table(("Kind", "Types of FHIR R4"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _role(role: Role) -> str:
    return role.value.replace("-", " ") if role is not Role.GP else "GP"


def _roles(roles: Iterable[Role]) -> str:
    every = tuple(roles)
    return "everybody" if every == tuple(Role) else ", ".join(map(_role, every))


def _actions(actions: Action) -> str:
    return ", ".join(word for action, word in _ACTION_WORDS.items() if action in actions)


def _classes(rule: Rule) -> str:
    return "everything" if rule.classes == tuple(DataClass) else ", ".join(map(_word, rule.classes))


def _grounds(grounds: Iterable[Ground]) -> str:
    return ", ".join(_GROUND_WORDS[ground] for ground in grounds)


def _word(named: DataClass | Label) -> str:
    return str(named.name).lower().replace("_", " ")


if __name__ == "__main__":
    print(access_manual(), end="")  # noqa: T201  # this prints the page
