"""Malformed input, kind by kind: each function makes one request by chance from a seed.

The same seed makes the same request, so any failure can be replayed.
"""

from tests.security import malformed_requests as requests
from tests.security import malformed_resources as resources
from tests.security.malformed_words import Ground, Make, Request

__all__ = ["KINDS", "Ground", "Request"]

KINDS: dict[str, Make] = {
    "mutated examples": resources.mutated_examples,
    "shaken bytes": resources.shaken_bytes,
    "deep": resources.deep,
    "wide": resources.wide,
    "huge": resources.huge,
    "broken utf8": resources.broken_utf8,
    "duplicate keys": resources.duplicate_keys,
    "numbers": resources.numbers,
    "unicode texts": resources.unicode_texts,
    "narratives": resources.narratives,
    "queries": requests.queries,
    "paths": requests.paths,
    "headers": requests.headers,
    "tokens": requests.tokens,
    "cursors": requests.cursors,
    "bundles": requests.bundles,
}
