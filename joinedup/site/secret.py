"""The secret key that signs sessions and tokens: made once for a home, for its owner only."""

import os
import secrets
from pathlib import Path

from joinedup.fhir.issue import Unavailable

__all__ = ["secret_key"]

_BYTES = 64


def secret_key(home: Path) -> str:
    """Return the home's key, making it (mode 0600) the first time.

    Refuses a key that others may read, because then it is not known who has signed with it.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / "secret-key"
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise Unavailable(
            f"{path} can be read by others. Delete it (everyone must then sign in again) "
            "or, if nobody else has been on this machine, make it private: chmod 600."
        )
    return path.read_text().strip()


def _make(path: Path) -> None:
    """Write whole and link: of two processes starting together, both use the first's key."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(_BYTES))
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
