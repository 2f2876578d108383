"""Which account somebody is whom a provider has proved: known already, or a person matched now.

Staff are linked beforehand. A person is linked at their first sign-in if the record holds one
person of that NHS number, birth date and family name; a number alone proves nobody (ID-02).
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from joinedup import record
from joinedup.access.permit import system_permit
from joinedup.fhir.search.query import parse_query
from joinedup.signin import clock
from joinedup.signin.models import AccountRow, IdentityRow
from joinedup.signin.providers import Provider

__all__ = ["link", "owner_of"]

_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


def owner_of(provider: Provider, claims: Mapping[str, Any]) -> AccountRow | None:
    """Return the account of the claims' subject; None where we do not know whose they are."""
    known = IdentityRow.objects.filter(issuer=provider.issuer, subject=claims["sub"]).first()
    if known is not None:
        return AccountRow.objects.filter(
            id=known.account, kind=provider.kind, closed_at=None
        ).first()
    return _person(provider, claims) if provider.kind == "person" else None


def link(provider: Provider, subject: str, row: AccountRow) -> None:
    """Let the provider's subject sign in to an account from now on."""
    IdentityRow.objects.create(
        issuer=provider.issuer, subject=subject, account=row.id, made_at=clock.now()
    )


def _person(provider: Provider, claims: Mapping[str, Any]) -> AccountRow | None:
    holder = _patient(claims)
    if holder is None:
        return None
    row = AccountRow.objects.filter(holder=holder, closed_at=None).first()
    if row is None:
        row = AccountRow.objects.create(
            name=f"{provider.name}:{claims['sub']}",
            kind="person",
            holder=holder,
            full_name=_words(claims),
            made_at=clock.now(),
        )
    link(provider, str(claims["sub"]), row)
    return row


def _patient(claims: Mapping[str, Any]) -> str | None:
    number = str(claims.get("nhs_number", ""))
    if not (number.isascii() and number.isdigit() and len(number) == 10):
        return None
    asked = [("identifier", f"{_NHS_NUMBER}|{number}"), ("_count", "10")]
    found = record.search(system_permit("sign-in"), parse_query("Patient", asked)).entries
    fits = [stored for stored in found if _is_same(stored.resource, claims)]
    masters = [stored for stored in fits if not stored.resource.get("link")] or fits
    return masters[0].reference if len(masters) == 1 else None


def _is_same(patient: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    families = {_plain(str(name.get("family", ""))) for name in patient.get("name", ())}
    born = str(claims.get("birthdate", ""))
    same_day = len(born) == 10 and patient.get("birthDate") == born
    return same_day and _plain(str(claims.get("family_name", ""))) in families - {""}


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if letter.isalpha())


def _words(claims: Mapping[str, Any]) -> str:
    names = (str(claims.get(name, "")).strip()[:100] for name in ("given_name", "family_name"))
    return " ".join(name for name in names if name)
