"""Keys: 64-bit numbers that stand for names in the record's tables and indexes.

A key is a hash of a literal name, so it is known before anything is stored and without
asking the database: a reference to a resource not yet received already carries the key
that resource will have. Two names with one key are refused when the second is stored.
"""

from hashlib import blake2b

__all__ = ["hash64", "resource_key"]


def hash64(text: str) -> int:
    """Return the signed 64-bit BLAKE2b hash of `text` (UTF-8), as PostgreSQL's bigint holds it."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def resource_key(type_name: str, resource_id: str) -> int:
    """Return the key of a resource, `hash64("Patient/123")`; never 0, which means "nobody"."""
    return hash64(f"{type_name}/{resource_id}") or 1
