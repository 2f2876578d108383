"""Narrative: words for people to read, kept as written when safe and made safe when not.

FHIR R4 2.4; trust.md 2, row 24. What is shown in a page must not run, load or send anything.
"""

import re
from typing import Any

import pytest

from joinedup.fhir.check import check
from joinedup.fhir.narrative import clean, narrative_fault

XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def with_text(inside: str) -> dict[str, Any]:
    text = {"status": "generated", "div": f"<div {XHTML}>{inside}</div>"}
    return {"resourceType": "Patient", "id": "p", "text": text}


def cleaned(inside: str) -> str:
    """What is left between the outer div's tags."""
    div: str = clean(with_text(inside))["text"]["div"]
    assert narrative_fault(div) is None
    return div.removeprefix(f"<div {XHTML}>").removesuffix("</div>")


@pytest.mark.parametrize(
    "inside",
    [
        "Seen at home.",
        "<p>Pulse <b>72</b>, regular&nbsp;&#8211; &lt; 80<br/></p>",
        '<table class="grid"><tr><th scope="row">Pulse</th><td colspan="2"/></tr></table>',
        '<a href="https://example.org/leaflet">leaflet</a> <a name="x"/><a href="#x">up</a>',
        '<a href="mailto:ward7@example.org">write</a>',
        '<img src="#photo" alt="the wound"/>',
        '<p style="text-align: center; color: #212b32">centred</p>',
        '<p lang="cy" xml:lang="cy" title="5 &gt; 3">Bore da</p>',
    ],
)
def test_a_safe_narrative_is_kept_to_the_letter(inside: str) -> None:
    """The resource itself is returned, not a copy."""
    resource = with_text(inside)
    assert clean(resource) is resource
    assert check(resource) == ()


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
        ("a<style>p { color: red }</style>", "a"),
        ('<p onclick="alert(1)">a</p>', "<p>a</p>"),
        ('<form action="https://x"><input name="a"/>a</form>', "a"),
        ('a<iframe src="https://x"/>', "a"),
        ('a<object data="x"/><embed src="x"/><link href="x"/><base href="x"/>', "a"),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href=" java&#10;script:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="//elsewhere">a</a>', "<a>a</a>"),
        ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
        ('<img src="https://tracker.example/1.gif" alt="a"/>', '<img alt="a"/>'),
        ('<img src="data:image/svg+xml;base64,AAAA" alt="a"/>', '<img alt="a"/>'),
        ('<p style="background: url(https://x)">a</p>', "<p>a</p>"),
        ('<p style="position: fixed">a</p>', "<p>a</p>"),
        ("b<svg><a>a</a></svg>", "b"),
        ("a<!-- a comment -->b", "ab"),
        ("<font color='red'>a</font> b", "a b"),
        ("<p/>a<script/>b", "<p></p>ab"),
    ],
)
def test_what_could_run_load_or_submit_is_taken_out(inside: str, left: str) -> None:
    assert cleaned(inside) == left


@pytest.mark.parametrize(
    "inside",
    [
        "<![CDATA[><script>alert(1)</script>]]>",
        "<!--> <script>alert(1)</script> -->a",
        "a<?x ><script>alert(1)</script>?>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        '<p title="&lt;script&gt;alert(1)&lt;/script&gt;">a</p>',
    ],
)
def test_text_is_never_taken_for_tags(inside: str) -> None:
    """XML and HTML read comments and CDATA differently: neither reading may hold a script."""
    assert re.search(r"<\s*(script|!|\?)", cleaned(inside)) is None


@pytest.mark.parametrize("inside", ["<script>alert(1)</script>", "<div>" * 150 + "</div>" * 150])
def test_where_nothing_can_be_kept_the_reader_is_told(inside: str) -> None:
    assert cleaned(inside) == "<p>The text was removed: it could not be made safe to show.</p>"


def test_a_narrative_is_found_wherever_it_is() -> None:
    """In contained resources, in the sections of a composition, in a bundle."""
    bad = {"status": "generated", "div": f"<div {XHTML}>a<script>alert(1)</script></div>"}
    inner = {"resourceType": "Patient", "id": "p", "text": bad}
    section = {"title": "Plan", "section": [{"text": bad}]}
    composition = {"resourceType": "Composition", "section": [section], "contained": [inner]}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": composition}]}
    assert "script" not in repr(clean(bundle))
    assert "script" in repr(bundle)


def test_only_what_changed_is_copied() -> None:
    resource = with_text("a<script/>") | {"name": [{"family": "Okafor"}]}
    assert clean(resource)["name"] is resource["name"]
