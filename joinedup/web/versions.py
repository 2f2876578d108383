"""The version of what a form changes, as the form sends it back; it is typed by nobody."""

from collections.abc import Mapping

__all__ = ["version_sent"]

_LONGEST = 9


def version_sent(form: Mapping[str, str]) -> int:
    """Return the version a form was made from; 0, which is nobody's, for what is no version."""
    text = form.get("version", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST
    return int(text) if is_number else 0
