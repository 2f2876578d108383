"""The API itself, asked in this process under any permit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from joinedup.access.permit import Permit
from joinedup.api import gate
from tests.security.test_5_noninterference import Told, _ask

__all__ = ["Ask", "Told", "at_the_api"]

Ask = Callable[..., Told]


@contextmanager
def at_the_api(permit: Permit) -> Iterator[Ask]:
    """Give a way to ask under a permit: method, address below /fhir, content, headers."""
    from joinedup.site import wsgi

    assert wsgi.application
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gate, "_readers", [lambda _: permit])
        yield _asked


def _asked(
    method: str, address: str, content: Any = None, headers: dict[str, str] | None = None
) -> Told:
    return _ask((method, address, content, headers or {}))
