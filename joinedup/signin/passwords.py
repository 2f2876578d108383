"""Passwords: checked in the same time whoever is named, and refused when easy to guess."""

from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from joinedup.signin.models import AccountRow
from joinedup.signin.rules import LONGEST_PASSWORD, password_problem, plain_password, sign_in_name

__all__ = ["checked", "is_password_of", "keep_password", "problem_with"]

_dummy: list[str] = []


def checked(name: str, password: str) -> AccountRow | None:
    """Return the account of this name and password; None, after the same work, for any other."""
    row = AccountRow.objects.filter(name=sign_in_name(name), closed_at=None).first()
    return row if is_password_of(row, password) else None


def is_password_of(row: AccountRow | None, password: str) -> bool:
    """Tell whether this is the account's password; an account without one costs as much."""
    kept = row.password if row is not None else ""
    if len(password) > LONGEST_PASSWORD:
        password = ""
    right = check_password(plain_password(password), kept or _hash_of_nothing())
    return right and bool(kept)


def keep_password(account: UUID, password: str) -> None:
    """Keep a password, hashed with scrypt."""
    kept = make_password(plain_password(password))
    AccountRow.objects.filter(id=account).update(password=kept)


def problem_with(password: str, name: str) -> str:
    """Return what is wrong with a new password, in words; "" for nothing."""
    problem = password_problem(plain_password(password), name)
    if problem:
        return problem
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return "Many people use this password, so it is tried first. Choose another."
    return ""


def _hash_of_nothing() -> str:
    if not _dummy:
        _dummy.append(make_password("nobody has this password"))
    return _dummy[0]
