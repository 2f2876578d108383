"""Settings: what a place can set, and what it is told when it sets something else."""

from pathlib import Path

import pytest

from joinedup.fhir.issue import Invalid, Unavailable
from joinedup.site.environment import SETTINGS, read_environment
from joinedup.site.secret import secret_key


def test_nothing_needs_to_be_set() -> None:
    """Without any variable joinedup runs embedded, on this machine only."""
    environment = read_environment({})
    assert environment.is_embedded
    assert (environment.address, environment.port) == ("127.0.0.1", 8000)
    assert environment.workers >= 1
    assert environment.home.name == "joinedup"


def test_the_home_follows_the_desktops_convention() -> None:
    """XDG_DATA_HOME moves the home; JOINEDUP_HOME wins over it."""
    assert read_environment({"XDG_DATA_HOME": "/data"}).home == Path("/data/joinedup")
    both = {"XDG_DATA_HOME": "/data", "JOINEDUP_HOME": "/srv/place"}
    assert read_environment(both).home == Path("/srv/place")


def test_an_unknown_variable_is_refused_with_the_nearest_name() -> None:
    """A misspelt setting is never silently ignored."""
    with pytest.raises(Invalid, match=r"JOINEDUP_PROT is not a setting.*mean JOINEDUP_PORT"):
        read_environment({"JOINEDUP_PROT": "80"})


def test_everything_wrong_is_said_at_once() -> None:
    """Three mistakes need one look, not three starts."""
    wrong = {"JOINEDUP_PORT": "eighty", "JOINEDUP_HTTPS": "on", "JOINEDUP_COLOUR": "blue"}
    with pytest.raises(Invalid) as refused:
        read_environment(wrong)
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "８０"),
        ("WORKERS", "-1"),
        ("HOME", "place"),
        ("DATABASE_URL", "mysql://here"),
        ("HOSTS", " , "),
        ("HTTPS", "yes please"),
    ],
)
def test_a_value_that_cannot_be_is_refused_naming_the_variable(name: str, text: str) -> None:
    """The message names the variable, what it must be, and what it is."""
    with pytest.raises(Invalid, match=f"JOINEDUP_{name} must"):
        read_environment({f"JOINEDUP_{name}": text})


def test_every_setting_is_a_field_of_the_environment() -> None:
    """The table and the value cannot drift apart."""
    environment = read_environment({})
    assert {setting.name for setting in SETTINGS} == set(environment.__struct_fields__)


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    """It is the same at every start, and only its owner can read it."""
    home = tmp_path / "home"
    first = secret_key(home)
    assert secret_key(home) == first
    assert len(first) > 64
    assert (home / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in home.iterdir()] == ["secret-key"]


def test_a_secret_key_others_can_read_is_refused(tmp_path: Path) -> None:
    """Whoever can read it can sign in as anybody."""
    secret_key(tmp_path)
    (tmp_path / "secret-key").chmod(0o644)
    with pytest.raises(Unavailable, match="can be read by others"):
        secret_key(tmp_path)
