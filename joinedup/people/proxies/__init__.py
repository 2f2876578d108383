"""Proxies: letting somebody see one's record, from the wish to the end of it (domain.md 5)."""
