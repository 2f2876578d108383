"""Whom to ask about what is withheld: the words for labels that are marked, none for silent ones.

Which labels a permit is told of is `access.policy` (AC-01); this never says what is withheld.
"""

import functools
import operator
from collections.abc import Iterable

from joinedup.access.words import Label

__all__ = ["ask_whom"]

_SAFEGUARDING = Label.THIRD_PARTY | Label.DOMESTIC_ABUSE | Label.PUBLIC_PROTECTION


def ask_whom(labels: Iterable[int]) -> str:
    """Return whom a worker asks about entries withheld from them, "" where they are told of none.

    The answer names one office for a kind of label and not the label itself.
    """
    marked = functools.reduce(operator.or_, labels, 0)
    officers = []
    if marked & ~_SAFEGUARDING:
        officers.append("the privacy officer")
    if marked & _SAFEGUARDING:
        officers.append("the safeguarding lead")
    return " or ".join(officers)
