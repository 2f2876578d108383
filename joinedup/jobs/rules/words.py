"""The words of every message: the same for everybody, so that nothing of a record can be in one.

Nothing but the place's own addresses is filled in. Pure.
"""

from collections.abc import Mapping

from msgspec import Struct

from joinedup.jobs.rules.ways import Way

__all__ = ["CARER", "OWN", "WORK", "Message", "Place", "message_of", "words_of"]

OWN, CARER, WORK = "own", "carer", "work"


class Place(Struct, frozen=True, kw_only=True):
    """What the place fills in: where people sign in, a film in British Sign Language, languages.

    `languages` maps a language, in small letters, to the place's own sentence in it.
    """

    address: str
    film: str = ""
    languages: Mapping[str, str] = {}


class Message(Struct, frozen=True, kw_only=True):
    """What is sent: `id` is the same at every try."""

    id: str
    kind: str
    address: str
    subject: str
    text: str
    format: str = "plain"


_SUBJECT = {
    OWN: "There is something new in your record",
    CARER: "There is something new in a record you may see",
    WORK: "There is work for you in joinedup",
}
_FIRST = {
    OWN: "There is something new in your record. Sign in to read it.",
    CARER: "There is something new in a record that you were trusted with. Sign in to read it.",
    WORK: "There is work for you in joinedup. Sign in and open My work.",
}
_WHERE = {OWN: "/my", CARER: "/my/others", WORK: "/work"}
_EASY = (
    "There is something new in your record.",
    "Your record is what your doctor, hospital and council know about you.",
    "You can sign in to read it.",
    "You can ask somebody you trust to help you.",
)
_WHY_SO_LITTLE = "For your safety this message says nothing about your health or your care."
_CHOICE = "To choose how you are told, or to be told nothing:"


def words_of(audience: str, way: Way, place: Place) -> str:
    """Return the text of a message to somebody, in their format."""
    link = place.address + _WHERE[audience]
    if audience == WORK:
        return f"{_FIRST[WORK]}\n\n{link}\n"
    first = _FIRST[audience]
    if audience == OWN and way.language:
        first = place.languages[way.language]
    if way.kind == "text":
        return f"{first} {link}"
    if audience == OWN and way.format == "easy-read" and not way.language:
        first = "\n\n".join(_EASY)
    parts = [first, link]
    if audience == OWN and way.format == "signs":
        parts.append(f"In British Sign Language: {place.film}")
    parts.append(_WHY_SO_LITTLE)
    if audience == OWN:
        parts.append(f"{_CHOICE} {place.address}/my/told")
    return "\n\n".join(parts) + "\n"


def message_of(name: str, audience: str, way: Way, place: Place) -> Message:
    """Return the whole message, ready to be sent."""
    return Message(
        id=name,
        kind=way.kind,
        address=way.address,
        subject=_SUBJECT[audience],
        text=words_of(audience, way, place),
        format=way.format,
    )
