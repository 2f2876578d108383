"""docs/access.md is the policy, printed: what the page says is what the record does."""

from joinedup.access.manual import access_manual
from joinedup.access.words import Role
from tests.conftest import ROOT
from tests.security.access.scenario import ROLES


def test_the_page_is_up_to_date() -> None:
    """Print it again: python -m joinedup.access.manual > docs/access.md"""
    assert (ROOT / "docs" / "access.md").read_text() == access_manual()


def test_the_scenario_knows_every_role() -> None:
    """A new role needs its line in the scenario before it signs in."""
    assert {role.value for role in Role} == set(ROLES)
