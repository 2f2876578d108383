"""House law 14: modules and functions small enough to be read in one look, and their names."""

import re
from pathlib import Path

from tests.tidy.repository import functions, modules, named

MODULE_LINES = 400
FUNCTION_LINES = 50
POSITIONAL_PARAMETERS = 5
JUNK_ROOMS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "managers"}


def test_no_module_is_longer_than_400_lines() -> None:
    """A module near 100 lines is aimed at."""
    lengths = {named(path): len(path.read_text().splitlines()) for path in modules()}
    assert {name: n for name, n in lengths.items() if n > MODULE_LINES} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    """A function near 10 lines is aimed at."""
    lengths = {
        f"{named(path, node)} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in modules()
        for node in functions(path)
    }
    assert {name: n for name, n in lengths.items() if n > FUNCTION_LINES} == {}


def test_past_five_parameters_names_are_given() -> None:
    """`permit` and four more can be remembered in order; further ones are keywords."""
    counts = {
        f"{named(path, node)} {node.name}": len(node.args.posonlyargs + node.args.args)
        - (bool(node.args.args) and node.args.args[0].arg in {"self", "cls"})
        for path in modules()
        for node in functions(path)
    }
    assert {name: n for name, n in counts.items() if n > POSITIONAL_PARAMETERS} == {}


def test_no_file_is_a_junk_room() -> None:
    """A file is called after what is in it."""
    found = [named(path) for path in modules() if _words(path) & JUNK_ROOMS]
    # Django looks for a database engine in a module of this name.
    assert found == ["joinedup/signin/database/base.py"]


def _words(path: Path) -> set[str]:
    return set(re.split(r"[_.-]", path.stem)) | {path.parent.name}
