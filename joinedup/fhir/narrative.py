"""Narrative: the piece of XHTML a resource carries for people to read.

`narrative_fault` says whether it is well formed; `clean` takes out whatever could run, load or
submit something when shown (FHIR R4 2.4.1): scripts, forms, frames, style sheets, event attributes,
links other than http, https, mailto and #, images other than #name and inline ones.
"""

import re
from html import entities
from typing import Any
from xml.etree import ElementTree

import nh3

__all__ = ["clean", "narrative_fault"]

XHTML = "http://www.w3.org/1999/xhtml"
LONGEST_NARRATIVE = 1_048_576
"""Characters, as for any other string of FHIR (R4 2.24.0.1)."""
DEEPEST_NARRATIVE = 100
"""Elements; HTML nested deeper takes the longer to read the deeper it is."""

_DIV = f"{{{XHTML}}}div"
_NOTHING_LEFT = (
    f'<div xmlns="{XHTML}"><p>The text was removed: it could not be made safe to show.</p></div>'
)

_TAGS = frozenset(
    """
    a abbr acronym b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2
    h3 h4 h5 h6 hr i img ins kbd li ol p pre q samp small span strong sub sup table tbody td tfoot
    th thead tr tt ul var
    """.split()
)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_EVERYWHERE = {"class", "dir", "id", "lang", "style", "title", "xml:lang", _XML_LANG}
_CELL = {
    "abbr",
    "align",
    "axis",
    "char",
    "colspan",
    "headers",
    "rowspan",
    "scope",
    "valign",
    "width",
}
_COLUMN = {"align", "span", "valign", "width"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href", "name"},
    "col": _COLUMN,
    "colgroup": _COLUMN,
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "frame", "rules", "summary", "width"},
    "td": _CELL,
    "th": _CELL,
}
_SAFE_LINK = re.compile(r"(https?://|mailto:|#)\S*", re.IGNORECASE)
_SAFE_IMAGE = re.compile(r"#\S+|data:image/(png|gif|jpeg);base64,[A-Za-z0-9+/=\s]*")
_SAFE_STYLE = re.compile(
    r"(\s*(background-color|border|border-[a-z-]+|color|font-[a-z]+|height|list-style-type"
    r"|margin|margin-[a-z]+|padding|padding-[a-z]+|text-[a-z]+|vertical-align|white-space|width)"
    r"\s*:[A-Za-z0-9 #%.,'\"-]*(;|$))*\s*"
)
_NAMED_CHARACTER = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,10});")
_XML_NAMES = frozenset({"amp", "apos", "gt", "lt", "quot"})
_VOID = re.compile(r"<(br|col|hr|img)(\s[^<>]*)?>")
_VOID_END = re.compile(r"</(br|col|hr|img)>")


def narrative_fault(value: Any) -> str | None:
    """Return why a value is not the XHTML of a narrative; None when it is."""
    if type(value) is not str:
        return "is not text; XHTML in a <div> is needed, in quotes"
    tree = _parse(value)
    if tree is None:
        return f"is not well-formed XHTML of at most {LONGEST_NARRATIVE:,} characters"
    if tree.tag != _DIV:
        return f'must be one <div xmlns="{XHTML}">'
    return None


def clean(resource: dict[str, Any]) -> dict[str, Any]:
    """Return the resource with every narrative in it made safe to show.

    A narrative that is safe already is kept to the letter; a resource in which all are is returned
    itself, not a copy.
    """
    cleaned: dict[str, Any] = _clean_tree(resource)
    return cleaned


def _clean_tree(value: Any) -> Any:
    changed = None
    for name, item in value.items() if type(value) is dict else enumerate(value):
        kind = type(item)
        if kind is dict or kind is list:
            cleaned = _clean_tree(item)
        elif kind is str and name == "div":
            # Narrative.div is the only element of R4 called div.
            cleaned = _clean_div(item)
        else:
            continue
        if cleaned is not item:
            changed = value.copy() if changed is None else changed
            changed[name] = cleaned
    return value if changed is None else changed


def _clean_div(div: str) -> str:
    tree = _parse(div)
    if tree is None or tree.tag != _DIV or _is_deep(tree):
        return _NOTHING_LEFT
    # Comments, CDATA and instructions are where XML and HTML read the same text differently.
    if "<!" not in div and "<?" not in div and _is_safe(tree):
        return div
    cleaned = _as_xhtml(_SANITISER.clean(_as_html(tree)))
    after = _parse(cleaned)
    return (
        cleaned if after is not None and _is_safe(after) and _has_content(after) else _NOTHING_LEFT
    )


def _is_deep(tree: ElementTree.Element) -> bool:
    level = list(tree)
    for _ in range(DEEPEST_NARRATIVE):
        level = [below for each in level for below in each]
    return bool(level)


def _is_safe(tree: ElementTree.Element) -> bool:
    return all(_is_safe_element(each) for each in tree.iter())


def _is_safe_element(element: ElementTree.Element) -> bool:
    tag = element.tag.removeprefix(f"{{{XHTML}}}")
    if tag not in _TAGS:
        return False
    accepted = _ATTRIBUTES.get(tag, set())
    return all(
        (name in accepted or name in _EVERYWHERE) and _keep_attribute(tag, name, value) is not None
        for name, value in element.attrib.items()
    )


def _has_content(tree: ElementTree.Element) -> bool:
    return tree.find(f".//{{{XHTML}}}img") is not None or bool("".join(tree.itertext()).strip())


def _as_html(tree: ElementTree.Element) -> str:
    """Return a tree as HTML reads it: no prefixes, and an end tag but for elements always empty."""
    for each in tree.iter():
        each.tag = each.tag.rpartition("}")[2]
    return _VOID_END.sub("", ElementTree.tostring(tree, "unicode", short_empty_elements=False))


def _as_xhtml(html: str) -> str:
    """Return sanitised HTML as XML: in the XHTML namespace, and every element ended."""
    closed = _VOID.sub(r"<\1\2/>", html)
    return closed.replace("<div", f'<div xmlns="{XHTML}"', 1)


def _numbered(text: str) -> str:
    """Return text with HTML's named characters, which XML does not know, as numbers."""

    def number(match: re.Match[str]) -> str:
        name = match[1]
        known = name not in _XML_NAMES and name in entities.name2codepoint
        return f"&#{entities.name2codepoint[name]};" if known else match[0]

    return _NAMED_CHARACTER.sub(number, text)


def _parse(text: str) -> ElementTree.Element | None:
    # Without declarations there are no entities to expand without end.
    if len(text) > LONGEST_NARRATIVE or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        return ElementTree.fromstring(_numbered(text))  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        return None


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _SAFE_LINK.fullmatch(value) else None
    if name == "src":
        return value if _SAFE_IMAGE.fullmatch(value) else None
    if name == "style":
        return value if _SAFE_STYLE.fullmatch(value) else None
    return value


_SANITISER = nh3.Cleaner(
    tags=set(_TAGS),
    attributes=_ATTRIBUTES,
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
    strip_comments=True,
)
