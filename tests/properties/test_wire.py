"""Reading and writing on inputs nobody wrote: nothing is lost, nothing raised but a refusal."""

import json
import re
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.fhir.check import check
from joinedup.fhir.definitions import elements_of
from joinedup.fhir.issue import Refusal
from joinedup.fhir.narrative import clean, narrative_fault
from joinedup.fhir.types import TYPES
from joinedup.fhir.wire import read_resource, write_resource

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(characters, max_size=30)
numbers = st.from_regex(
    r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)
scalars = texts | st.booleans() | st.none() | st.integers(-(2**63), 2**63)
trees = st.recursive(
    scalars
    | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1e9, max_value=1e9),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(texts, trees, max_size=5)

known_names = sorted(
    {
        name
        for each in ("Patient", "Observation")
        for element in elements_of(each)
        for name in element.json_names
    }
)
shaped = st.recursive(
    scalars | st.sampled_from(["Patient/1", "#a", "2024-01-16", "final", "https://a/Patient/1"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*known_names, "coding", "system", "code", "reference", "url", "_id", "div"]
            ),
            below,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(numbers)
def test_every_number_keeps_its_value_and_its_precision(number: str) -> None:
    written = write_resource(read_resource(f'{{"value":{number}}}'))
    kept = re.fullmatch(r'\{"value":(.*)\}', written)
    assert kept is not None
    before, after = Decimal(number), Decimal(kept[1])
    assert (before, before.as_tuple().exponent) == (after, after.as_tuple().exponent)


@given(objects)
def test_what_is_written_is_read_back_the_same(resource: dict[str, Any]) -> None:
    assert read_resource(write_resource(resource)) == resource


@given(objects)
def test_what_is_read_means_what_it_meant(resource: dict[str, Any]) -> None:
    """However the JSON is spaced and escaped, and whoever wrote it."""
    plain = json.dumps(resource, default=float)
    assert json.loads(write_resource(read_resource(plain))) == json.loads(plain)


@given(objects.filter(lambda each: "a" not in each))
def test_a_text_is_read_alike_whether_or_not_it_is_looked_at_closely(
    resource: dict[str, Any],
) -> None:
    """An escape by number makes the reader walk the tree; without one it seldom has to."""
    text = write_resource(resource)
    closely = '{"\\u0061":1' + ("," if resource else "") + text[1:]
    assert read_resource(closely) == {"a": 1, **resource}


@given(st.integers(60, 68), st.booleans())
def test_depth_is_counted_alike_in_small_and_large(depth: int, large: bool) -> None:
    """64 levels are read and 65 refused, whether few brackets or many surround them."""
    deep = "[" * (depth - 1) + "]" * (depth - 1)
    beside = ',"wide":[' + ",".join(["{}"] * 200) + "]" if large else ""
    text = '{"deep":' + deep + beside + "}"
    if depth <= 64:
        assert read_resource(text)
    else:
        with pytest.raises(Refusal):
            read_resource(text)


@given(st.text() | st.binary() | objects.map(lambda each: json.dumps(each, default=float)[:-1]))
def test_whatever_comes_in_is_read_or_refused(data: str | bytes) -> None:
    with suppress(Refusal):
        assert isinstance(read_resource(data), dict)


@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(known_names), shaped, max_size=6))
def test_whatever_a_resource_holds_the_checker_answers(name: str, content: dict[str, Any]) -> None:
    for problem in check({"resourceType": name, **content}):
        assert problem.message
        assert problem.path.startswith(name)


@given(shaped)
def test_a_narrative_that_is_good_xhtml_stays_good_when_cleaned(inside: Any) -> None:
    cleaned = clean({"text": {"div": inside}})["text"]["div"]
    assert not isinstance(inside, str) or narrative_fault(cleaned) is None
