"""Keys: the public ones of apps, as they were registered, and the one this place signs with.

A key is only ever found by its kid in the list we hold; no address of a key is asked (trust 2, 26).
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

__all__ = ["PublicKey", "own_key", "read_keys"]

PublicKey = RSAKey | ECKey
_MOST_KEYS = 10
_LONGEST = 50_000
_SMALLEST_RSA_BITS = 2048
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}


def read_keys(text: str) -> dict[str, PublicKey]:
    """Return the keys of a JWK set by kid; none at all where one of them is not as it should be."""
    try:
        read: Any = json.loads(text) if len(text) <= _LONGEST else {}
        items = read["keys"]
        found = {str(item["kid"]): _key(item) for item in items}
    except (ValueError, TypeError, KeyError, JoseError):
        return {}
    is_whole = 0 < len(items) <= _MOST_KEYS and len(found) == len(items)
    return found if is_whole else {}


def _key(item: dict[str, Any]) -> PublicKey:
    if _PRIVATE & set(item) or item.get("use", "sig") != "sig" or not item["kid"]:
        raise ValueError
    key = KeySet.import_key_set({"keys": [item]}).keys[0]
    if isinstance(key, RSAKey) and key.public_key.key_size >= _SMALLEST_RSA_BITS:
        return key
    if isinstance(key, ECKey) and item.get("crv") == "P-384":
        return key
    raise ValueError


@cache
def own_key() -> RSAKey:
    """Return the key that ID tokens are signed with: made once for a home, for its owner only."""
    path = Path(settings.JOINEDUP_HOME) / "app-key.pem"
    if not path.exists():
        _make(path)
    return RSAKey.import_key(path.read_text())


def _make(path: Path) -> None:
    """Write whole and link: of two processes starting together, both use the first's key."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(RSAKey.generate_key(3072).as_pem(private=True))
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
