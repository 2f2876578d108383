"""What no file may hold: hosts of package registries, real people's numbers, unpinned packages."""

import re

from joinedup.site.environment import settings_page
from tests.tidy.repository import ROOT, named, texts

# Written in two halves, so that this file does not hold them either.
REGISTRIES = [
    "".join(halves)
    for halves in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("deb.deb", "ian.org"),
        ("crates", ".io"),
        ("proxy.gol", "ang.org"),
    )
]
SPACED_NUMBER = re.compile(r"(?<![\d.-])(\d{3})[ \u00a0](\d{3})[ \u00a0](\d{4})(?![\d.])")
NAMED_NUMBER = re.compile(r"nhs-number[^\d]{0,60}(\d{10})(?!\d)", re.IGNORECASE)


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the machine's business."""
    found = [
        f"{named(path)} {host}" for path, text in texts() for host in REGISTRIES if host in text
    ]
    assert found == []


def test_every_nhs_number_is_from_the_999_range() -> None:
    """Numbers starting 999 are never given to anybody, so no file can name a real person's."""
    found = [f"{named(path)} {number}" for path, text in texts() for number in _numbers(text)]
    assert [name for name in found if not name.rpartition(" ")[2].startswith("999")] == []


def test_every_package_is_pinned_by_hash() -> None:
    """pip and uv install nothing whose hash is not in the lock."""
    for lock in ("requirements.lock", "tools.lock", "node.lock", "duplicates.lock"):
        requirements = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
        assert all("==" in text and "--hash=sha256:" in text for text in requirements), lock
        assert "://" not in (ROOT / lock).read_text()


def test_the_settings_page_is_the_table() -> None:
    """Print it again: ./dev run python -m joinedup.site.environment > docs/settings.md."""
    assert (ROOT / "docs/settings.md").read_text() == settings_page()


def test_every_link_between_documents_leads_somewhere() -> None:
    """A page moved or renamed is noticed here."""
    broken = [
        f"{named(path)} -> {target}"
        for path, text in texts()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []


def _numbers(text: str) -> set[str]:
    spaced = {"".join(match) for match in SPACED_NUMBER.findall(text)}
    return {number for number in spaced | set(NAMED_NUMBER.findall(text)) if _is_valid(number)}


def _is_valid(number: str) -> bool:
    """Tell whether the check digit fits (modulus 11); others name nobody."""
    weighed = sum(
        int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)
    )
    return (11 - weighed % 11) % 11 == int(number[9])
