"""What proves an account besides its password: an authenticator app, recovery codes, invitations.

Secrets are sealed for their account; codes are kept as keyed hashes. Passkeys are `passkeys`'.
"""

import base64
import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from joinedup.signin import clock
from joinedup.signin.models import FactorRow
from joinedup.signin.sealed import mark, open_sealed, seal
from joinedup.signin.totp import matching_step

__all__ = [
    "INVITATION_LASTS",
    "add_app",
    "has_second",
    "invite",
    "new_app_secret",
    "new_recovery_codes",
    "open_invitation",
    "use_app_code",
    "use_recovery_code",
]

INVITATION_LASTS = timedelta(hours=24)
_RECOVERY_CODES = 10
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another
_SECOND = ("app", "passkey")


def has_second(account: UUID, *kinds: str) -> bool:
    """Tell whether the account has an authenticator app or a passkey, or one of `kinds`."""
    return FactorRow.objects.filter(account=account, kind__in=kinds or _SECOND).exists()


def new_app_secret() -> bytes:
    """Return a secret for an authenticator app (160 bits, RFC 4226 4)."""
    return secrets.token_bytes(20)


def add_app(account: UUID, secret: bytes, typed: str) -> bool:
    """Keep an authenticator app in place of an earlier one, if it shows the code that was typed."""
    step = matching_step(secret, typed, clock.seconds(), after=0)
    if step is None:
        return False
    FactorRow.objects.filter(account=account, kind="app").delete()
    FactorRow.objects.create(
        account=account,
        kind="app",
        name="Authenticator app",
        secret=seal("app", base64.b64encode(secret).decode(), bound=str(account)),
        counter=step,
        made_at=clock.now(),
        used_at=clock.now(),
    )
    return True


def use_app_code(account: UUID, typed: str) -> bool:
    """Tell whether the code is right and new; of two who send it at once, one gets in."""
    row = FactorRow.objects.filter(account=account, kind="app").first()
    if row is None:
        return False
    secret = base64.b64decode(open_sealed("app", row.secret, bound=str(account)) or "")
    step = matching_step(secret, typed, clock.seconds(), after=row.counter)
    if step is None:
        return False
    fresh = FactorRow.objects.filter(id=row.id, counter__lt=step)
    return fresh.update(counter=step, used_at=clock.now()) == 1


def new_recovery_codes(account: UUID) -> tuple[str, ...]:
    """Return ten codes that are good once each; earlier ones are good for nothing now."""
    FactorRow.objects.filter(account=account, kind="recovery").delete()
    codes = tuple(_code(10) for _ in range(_RECOVERY_CODES))
    for code in codes:
        _keep_code(account, "recovery", code, None)
    return codes


def use_recovery_code(account: UUID, typed: str) -> bool:
    """Tell whether this is one of the account's codes; it is used up by that."""
    return _use_code(account, "recovery", typed)


def invite(account: UUID) -> str:
    """Return a code with which the account is taken up, once, within a day; no earlier one is."""
    FactorRow.objects.filter(account=account, kind="invitation").delete()
    code = _code(12)
    _keep_code(account, "invitation", code, INVITATION_LASTS)
    return code


def open_invitation(account: UUID | None, typed: str, *, use: bool = False) -> bool:
    """Tell whether the code is the account's invitation; with `use` it is used up."""
    owner = account or UUID(int=0)
    if use:
        return _use_code(owner, "invitation", typed)
    row = FactorRow.objects.filter(account=owner, kind="invitation", until__gt=clock.now()).first()
    kept = bytes(row.secret) if row else b""
    return hmac.compare_digest(kept, _hash(owner, "invitation", typed))


def _code(letters: int) -> str:
    text = "".join(secrets.choice(_LETTERS) for _ in range(letters))
    return "-".join(text[start : start + 4] for start in range(0, letters, 4))


def _hash(account: UUID, kind: str, typed: str) -> bytes:
    plain = "".join(character for character in typed.upper() if character in _LETTERS)
    return mark(kind, str(account), plain)


def _keep_code(account: UUID, kind: str, code: str, lasts: timedelta | None) -> None:
    FactorRow.objects.create(
        account=account,
        kind=kind,
        secret=_hash(account, kind, code),
        made_at=clock.now(),
        until=clock.now() + lasts if lasts else None,
    )


def _use_code(account: UUID, kind: str, typed: str) -> bool:
    found = FactorRow.objects.filter(
        account=account, kind=kind, secret=_hash(account, kind, typed)
    ).exclude(until__lt=clock.now())
    return found.delete()[0] == 1
