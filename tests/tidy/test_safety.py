"""The hazard log: every control names a test that exists, or says that there is none yet."""

import re

from tests.tidy.repository import ROOT, functions

LOG = ROOT / "docs/safety/README.md"
CONTROL = re.compile(
    r"^\s*- control: .*?(?:`(tests/[\w/]+\.py)::(\w+)`|no control yet)", re.MULTILINE
)


def test_every_hazard_has_a_line_of_controls() -> None:
    """A hazard without one would look as if it were controlled."""
    hazards = re.split(r"^### ", LOG.read_text(), flags=re.MULTILINE)[1:]
    assert len(hazards) >= 3
    assert [text.splitlines()[0] for text in hazards if not CONTROL.search(text)] == []


def test_every_named_control_is_a_test() -> None:
    """A test that is renamed or taken out takes its control with it."""
    named_controls = [match.groups() for match in CONTROL.finditer(LOG.read_text()) if match[1]]
    missing = [
        f"{path}::{test}"
        for path, test in named_controls
        if not (ROOT / path).exists() or test not in {node.name for node in functions(ROOT / path)}
    ]
    assert missing == []
