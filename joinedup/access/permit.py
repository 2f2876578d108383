"""The permit: the only thing that lets anybody see or change the record.

Made from a sign-in or a token by the functions below, from `access.policy`. It carries parties,
never lists of people: whom a party reaches, and on what ground, is in the record.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from joinedup.access import policy
from joinedup.access.scopes import Scope
from joinedup.access.words import Action, DataClass, Ground, Power, Purpose, Role
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.fhir.relationships import mask_of

__all__ = [
    "Permit",
    "counting",
    "exporting",
    "following",
    "joining",
    "matching",
    "narrowed",
    "paying",
    "person_permit",
    "proxy_permit",
    "starting",
    "system_permit",
    "tracing",
    "worker_permit",
]


class Permit(Struct, frozen=True, kw_only=True):
    """Who looks or writes, for whom, and why.

    `parties` are keys of what the record relates people to: the organisation, the worker, a post,
    a duty area, the person; an empty tuple sees nobody. `sees` and `changes` hold, for each
    `Ground` in order, the classes allowed on it as the sum of `1 << DataClass`; `exports` those
    that may be taken away. `labels` are the
    label bits seen, `marks` those whose presence is told without what carries them.
    An app's permit has the `scopes` it was granted (None: whoever came through the pages), the hash
    of the token it came by (`bearer`), which each statement looks up again, and the key of the one
    person it was let in for (`within`, 0: whom the policy reaches).
    """

    worker: str
    name: str
    role: Role
    organisation: str
    purpose: Purpose
    parties: tuple[int, ...]
    sees: tuple[int, ...]
    changes: tuple[int, ...]
    exports: tuple[int, ...] = ()
    labels: int = 0
    marks: int = 0
    session: str = ""
    through_token: bool = False
    scopes: tuple[Scope, ...] | None = None
    bearer: str = ""
    within: int = 0

    def __post_init__(self) -> None:
        """Refuse to make a permit of nobody: every look is somebody's (law 2)."""
        if not self.worker.rpartition("/")[2]:
            raise NotPermitted("A permit names who looks, and this one names nobody. Sign in.")

    @property
    def by_program(self) -> bool:
        """Whether a program holds it, by a token, rather than somebody in their own pages."""
        return self.through_token or self.session == "token"

    @property
    def may_write(self) -> bool:
        """Whether there is anything at all that this permit may change."""
        return any(self.changes)

    @property
    def sees_place(self) -> bool:
        """Whether it reads the whole place's clinical record: jobs of the system alone do."""
        return bool(self.sees[Ground.PLACE] & mask_of(DataClass.CLINICAL))

    def may(self, power: Power) -> bool:
        """Whether the role has a power that is not about one resource."""
        return self.role in policy.POWERS[power]

    def sees_class(self, data_class: DataClass) -> bool:
        """Whether information of this class could show on any ground at all."""
        return any(mask >> data_class & 1 for mask in self.sees)


def _permit(
    role: Role, worker: str, name: str, organisation: str, parties: Iterable[int]
) -> Permit:
    return Permit(
        worker=worker,
        name=name,
        role=role,
        organisation=organisation,
        purpose=policy.purpose_of(role),
        parties=tuple(parties),
        sees=policy.masks(role, Action.LOOK),
        changes=policy.masks(role, Action.CHANGE),
        exports=policy.masks(role, Action.EXPORT),
        labels=policy.labels_seen(role),
        marks=policy.labels_marked(role),
    )


def worker_permit(
    worker: str,
    name: str,
    role: Role,
    organisation: str,
    *,
    session: str = "",
    posts: Iterable[int] = (),
) -> Permit:
    """Return the permit of a worker (`Practitioner/...`) signed in at one organisation.

    `posts` are further parties the worker acts for: a post, a team, a duty area.
    """
    kind, _, name_of_worker = worker.partition("/")
    parties = [resource_key("Organization", organisation)] if organisation else []
    if name_of_worker:
        parties.append(resource_key(kind, name_of_worker))
    made = _permit(role, worker, name, organisation, (*parties, *posts))
    return replace(made, session=session)


def person_permit(person_id: str, name: str, *, session: str = "") -> Permit:
    """Return the permit of a person signed in to their own record (domain.md 5)."""
    own = resource_key("Patient", person_id)
    return replace(_permit(Role.PERSON, f"Patient/{person_id}", name, "", (own,)), session=session)


def proxy_permit(related_person_id: str, name: str, *, session: str = "") -> Permit:
    """Return the permit of somebody trusted by a person, as `RelatedPerson/...` is granted it."""
    own = resource_key("RelatedPerson", related_person_id)
    worker = f"RelatedPerson/{related_person_id}"
    return replace(_permit(Role.PROXY, worker, name, "", (own,)), session=session)


def system_permit(job: str, organisation: str = "") -> Permit:
    """Return the permit of a job of the system itself, such as an import; it sees the place."""
    return _permit(Role.SYSTEM, f"system/{job}", f"joinedup {job}", organisation, ())


def tracing(permit: Permit) -> Permit:
    """Return the permit that finds a person by name anywhere in the place, and reads no more.

    Raises NotPermitted for a role that may not trace (domain.md 1.2, step 1). Every person it
    returns is in the audit, and only `people.find` asks for it.
    """
    if not permit.may(Power.TRACE):
        raise NotPermitted("Your role does not look for people by name.")
    place = mask_of(DataClass.DEMOGRAPHIC)
    sees = tuple(place if ground is Ground.PLACE else 0 for ground in Ground)
    return replace(permit, sees=sees, changes=(0,) * len(Ground))


def counting(permit: Permit) -> Permit:
    """Return the permit that counts the place's stays and operations for a return (DI-08).

    It reads all of them, whatever their labels, so that a number is whole; only `measures` asks for
    it, shows numbers made with it and nobody's name, and changes nothing with it. Raises
    NotPermitted for a role that reads no returns, and for a program.
    """
    reads = permit.sees_class(DataClass.RETURNS)
    if permit.by_program or not (reads or permit.role is Role.SYSTEM):
        raise NotPermitted("Your role does not read the place's returns.")
    care = mask_of(DataClass.WORK, DataClass.VISITS, DataClass.BED)
    own = permit.sees[Ground.NONE]
    sees = (own, care, *(0,) * (len(Ground) - 2))
    every = policy.labels_seen(Role.SYSTEM)
    return replace(permit, sees=sees, changes=(0,) * len(Ground), exports=(), labels=every)


def paying(permit: Permit) -> Permit:
    """Return the permit that reads the care that is paid for, where its holder sees the money.

    On the same grounds and under the same labels, and it changes nothing; only `money.packages`
    asks for it, and reads services with it, never what was said in an assessment. Raises
    NotPermitted for a role that does not keep the books.
    """
    if not permit.may(Power.KEEP_BOOKS):
        raise NotPermitted("Your role does not move the place's money.")
    care = mask_of(DataClass.SOCIAL_CARE, DataClass.DEMOGRAPHIC)
    sees = tuple(care if mask >> DataClass.FINANCIAL & 1 else 0 for mask in permit.sees)
    return replace(permit, sees=sees, changes=(0,) * len(Ground))


def matching(permit: Permit) -> Permit:
    """Return the permit that holds bills against the care they bill, and takes a month's journal.

    It reads the whole place in the officer's own name, so the audit says who had it read; what the
    officer is told of it are hours, days and amounts, and it changes nothing. Only `money` asks for
    it. Raises NotPermitted for a role that does not keep the books, and for a program.
    """
    if not permit.may(Power.KEEP_BOOKS) or permit.by_program:
        raise NotPermitted("Your role does not move the place's money.")
    return replace(
        permit,
        sees=policy.masks(Role.SYSTEM, Action.LOOK),
        changes=(0,) * len(Ground),
        exports=(),
        labels=policy.labels_seen(Role.SYSTEM),
    )


def starting(permit: Permit) -> Permit:
    """Return the permit that starts urgent care on what was set aside for it (decision 0020).

    Beside what its holder may do already it writes one posting: a promise from a standing authority
    to a package of somebody whose care they change (`ledger.authority`, SQL 0093). It sees no money
    that they did not see. Raises NotPermitted for other roles, and for a program.
    """
    if not permit.may(Power.START_CARE):
        raise NotPermitted("Your role does not start paid care. Ask a coordinator or a broker.")
    if permit.by_program:
        raise NotPermitted("Paid care is started by people in their own pages.")
    own = permit.changes[Ground.NONE] | mask_of(DataClass.STARTS)
    return replace(permit, changes=(own, *permit.changes[1:]))


def joining(permit: Permit) -> Permit:
    """Return the permit that writes into both Patients that they are joined, or no longer.

    What it sees is what it saw on a lasting ground: both have to be seen already, and neither
    because glass was broken or a permission given for some hours, which joining would make last.
    Raises NotPermitted for a role that may not join records, and for a program (domain.md 1.2).
    """
    if not permit.may(Power.MERGE):
        raise NotPermitted(
            "Your role does not join records or part them. Ask the person's practice, or your "
            "privacy officer."
        )
    if permit.by_program:
        raise NotPermitted("Records are joined and parted by people in their own pages.")
    place = mask_of(DataClass.DEMOGRAPHIC)
    changes = tuple(place if ground is Ground.PLACE else 0 for ground in Ground)
    brief = (Ground.BREAK_GLASS, Ground.PERMISSION)
    sees = tuple(0 if ground in brief else permit.sees[ground] for ground in Ground)
    return replace(permit, sees=sees, changes=changes)


def following(permit: Permit) -> Permit:
    """Return the permit that lets labels follow one that its holder has just changed.

    It sees and changes the place in the name of who wrote the label, on whatever ground they did:
    what has to follow is not theirs to see (`record.following`).
    """
    sees, changes = (policy.masks(Role.SYSTEM, a) for a in (Action.LOOK, Action.CHANGE))
    return replace(
        permit,
        sees=tuple(own | all_of for own, all_of in zip(permit.sees, sees, strict=True)),
        changes=changes,
        labels=policy.labels_seen(Role.SYSTEM),
        bearer="",
        within=0,
    )


def exporting(permit: Permit) -> Permit:
    """Return the permit that reads what its holder may take away as a file, and changes nothing."""
    return replace(permit, sees=permit.exports, changes=(0,) * len(Ground))


def narrowed(permit: Permit, *, sees: int, changes: int) -> Permit:
    """Return the permit with no class outside the two masks: what a token's scopes leave of it."""
    return replace(
        permit,
        sees=tuple(mask & sees for mask in permit.sees),
        changes=tuple(mask & changes for mask in permit.changes),
        exports=tuple(mask & sees for mask in permit.exports),
        through_token=True,
    )
