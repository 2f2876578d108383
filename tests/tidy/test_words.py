"""House law 14: every word of a page heading is one the glossary explains or plainly uses."""

import re
from pathlib import Path

from tests.tidy.repository import ROOT, files, named

HEADING = re.compile(r"<h[12]\b[^>]*>(.*?)</h[12]>", re.DOTALL | re.IGNORECASE)
NOT_TEXT = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}|<[^>]+>|&\w+;", re.DOTALL)
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
# Words that carry no meaning of their own.
SMALL = set(
    """a an and are as at be been by can cannot do for from has have how i if in is it its last
    may me my new no not now of on one or other our out so that the their them then there these
    they this to up was what when where which who why will with you your we""".split()
)
BANNED = {"user", "users", "client", "clients", "service-user"}


def templates() -> list[Path]:
    """Return every page template."""
    return [path for path in files() if path.suffix in {".html", ".jinja"}]


def _plain(text: str) -> str:
    return NOT_TEXT.sub(" ", text).lower().replace("’", "'").replace(" 's ", " ")


def test_every_word_in_a_heading_is_in_the_glossary() -> None:
    """One thing has one name on every page; add the word to GLOSSARY.md, or use the one there."""
    known = set(WORD.findall((ROOT / "GLOSSARY.md").read_text().lower()))
    unknown = {
        f"{named(path)}: {word}"
        for path in templates()
        for heading in HEADING.findall(path.read_text())
        for word in WORD.findall(_plain(heading))
        if word not in SMALL
        and not {word, word.removesuffix("'s"), word.removesuffix("s"), f"{word}s"} & known
    }
    assert unknown == set()


def test_people_are_people() -> None:
    """Nobody on a page is a user, a client or a case."""
    found = {
        f"{named(path)}: {word}"
        for path in templates()
        for word in WORD.findall(_plain(path.read_text()))
        if word in BANNED
    }
    assert found == set()
