"""Posts: in which role, for which organisation and until when somebody works, as the record says.

A post is a PractitionerRole. One whose period is over opens nothing from that second on; it is
asked for again every few seconds, and at once where our own pages ended it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.access.words import ROLE_SYSTEM, Role
from joinedup.fhir.issue import Gone, NotFound
from joinedup.fhir.search.period import bounds
from joinedup.fhir.search.query import parse_query
from joinedup.signin import clock

__all__ = ["ROLE_SYSTEM", "Post", "forget", "post_of", "posts_of", "read_post"]

ASK_AGAIN_SECONDS = 5.0
_KNOWN_MOST = 10_000
_ROLES = {role.value: role for role in Role if role is not Role.SYSTEM}
_known: dict[str, tuple[float, "Post | None"]] = {}


class Post(Struct, frozen=True, kw_only=True):
    """One post; `role` None where the record does not say it in a code we know."""

    id: str
    practitioner: str
    name: str
    role: Role | None
    words: str
    organisation: str
    organisation_name: str
    place: str
    starts: datetime | None
    ends: datetime | None
    active: bool

    def is_held(self, at: datetime) -> bool:
        """Tell whether it is held at this moment."""
        begun = self.starts is None or self.starts <= at
        return self.active and begun and (self.ends is None or at < self.ends)


def read_post(resource: Mapping[str, Any]) -> Post:
    """Return a PractitionerRole as a post; a day without an hour ends with that day in London."""
    codings = [c for concept in resource.get("code", ()) for c in concept.get("coding", ())]
    ours = (c.get("code") for c in codings if c.get("system") == ROLE_SYSTEM)
    role = next((_ROLES[code] for code in ours if code in _ROLES), None)
    texts = [concept["text"] for concept in resource.get("code", ()) if concept.get("text")]
    organisation = resource.get("organization", {})
    place: Mapping[str, Any] = next(iter(resource.get("location", ())), {})
    period = resource.get("period", {})
    return Post(
        id=str(resource["id"]),
        practitioner=resource.get("practitioner", {}).get("reference", ""),
        name=resource.get("practitioner", {}).get("display", ""),
        role=role,
        words=texts[0] if texts else "",
        organisation=organisation.get("reference", "").removeprefix("Organization/"),
        organisation_name=organisation.get("display", ""),
        place=place.get("display", ""),
        starts=_moment(period.get("start", ""), is_end=False),
        ends=_moment(period.get("end", ""), is_end=True),
        active=resource.get("active", True),
    )


def posts_of(practitioner: str) -> tuple[Post, ...]:
    """Return the posts of a Practitioner, over or not, as the record says."""
    query = parse_query("PractitionerRole", [("practitioner", practitioner), ("_count", "100")])
    found = record.search(system_permit("sign-in"), query, detail="posts of somebody signing in")
    return tuple(read_post(stored.resource) for stored in found.entries)


def post_of(post_id: str) -> Post | None:
    """Return one post, at most a few seconds old; None where there is none (any more)."""
    asked, known = _known.get(post_id, (0.0, None))
    at = clock.seconds()
    if 0 <= at - asked < ASK_AGAIN_SECONDS:
        return known
    try:
        found = record.read(system_permit("sign-in"), "PractitionerRole", post_id)
        known = read_post(found.resource)
    except (NotFound, Gone):
        known = None
    if len(_known) >= _KNOWN_MOST:
        _known.clear()
    _known[post_id] = (at, known)
    return known


def forget(post_id: str) -> None:
    """Ask the record again at the next request: the post has been changed here."""
    _known.pop(post_id, None)


def _moment(text: str, *, is_end: bool) -> datetime | None:
    return datetime.fromisoformat(bounds(text)[is_end]) if text else None
