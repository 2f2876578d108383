"""Slots: 32-bit numbers, each naming one kind of index rows read from one path of one type."""

from hashlib import blake2b

__all__ = ["slot"]


def slot(type_name: str, path: str, kind: str) -> int:
    """Return the signed 32-bit slot of, for example, `Observation`, `code`, `token`.

    The generator asserts that no two slots of the committed table are equal.
    """
    digest = blake2b(f"{type_name}|{path}|{kind}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big", signed=True)
