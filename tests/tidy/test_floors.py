"""The floors: import contracts are there, and what they cannot see (clock, log, SQL) is checked."""

import ast
import re
import tomllib
from pathlib import Path

from tests.tidy.repository import PACKAGE, ROOT, functions, named, package_modules, tree

PURE = ("fhir", "reference", "access", "ledger")
CLOCK = {"now", "today", "utcnow"}
MAY_LOG = {"site/log_lines.py", "site/command.py"}
CONTRACTS = {"floors", "pure", "one-door", "record-without-web"}


def contracts() -> dict[str, dict[str, object]]:
    """Return the import contracts by id."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract for contract in listed}


def test_the_import_contracts_are_there() -> None:
    """`./dev check` runs them; a contract that is taken out is noticed here."""
    assert set(contracts()) >= CONTRACTS
    assert contracts()["floors"]["exhaustive"] is True


def test_every_package_has_its_floor() -> None:
    """A new room is put on a line of the plan before it has its first module."""
    layers = contracts()["floors"]["layers"]
    assert isinstance(layers, list)
    known = set(re.findall(r"\w+", " ".join(layers)))
    packages = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert packages <= known


def test_the_pure_floors_do_not_ask_the_time() -> None:
    """Times come in as arguments, so everything can be replayed."""
    asked = [
        f"{named(path, node)} .{node.func.attr}()"
        for path in package_modules()
        if _is_pure(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK
    ]
    assert asked == []


def test_only_the_list_of_log_lines_logs() -> None:
    """House law 15: nothing outside it can put a word into a log."""
    loggers = [
        named(path)
        for path in package_modules()
        if str(path.relative_to(PACKAGE)) not in MAY_LOG
        for node in ast.walk(tree(path))
        if _imports(node, "logging") or _imports(node, "warnings")
    ]
    assert loggers == []


def test_no_module_keeps_what_it_must_not() -> None:
    """No deserialising of objects, no shell, no XML parser (trust.md 2, lessons 18 and 22)."""
    banned = ("pickle", "marshal", "shelve", "yaml", "xml", "lxml", "zipfile")
    one_zip_writer = PACKAGE / "people/rights/files.py"  # which writes one, and reads none
    one_xml_parser = PACKAGE / "fhir/narrative.py"  # which refuses DOCTYPE and ENTITY first
    found = [
        f"{named(path, node)} {name}"
        for path in package_modules()
        for node in ast.walk(tree(path))
        for name in banned
        if _imports(node, name)
        and not (name == "xml" and path == one_xml_parser)
        and not (name == "zipfile" and path == one_zip_writer)
    ]
    assert found == []


def test_london_is_named_once() -> None:
    """House law 16: whose days and midnights count is one fact; `fhir.search.period` has it."""
    named_in = [p for p in package_modules() if 'ZoneInfo("Europe/London")' in p.read_text()]
    assert named_in == [PACKAGE / "fhir/search/period.py"]


def test_nobody_starts_a_shell() -> None:
    """Programs are started from lists of words."""
    shells = [
        named(path, node)
        for path in package_modules()
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.keyword) and node.arg == "shell"
    ]
    assert shells == []


def _is_pure(path: Path) -> bool:
    inside = path.relative_to(PACKAGE)
    if inside.parts[0] in PURE or "rules" in inside.parts:
        return True
    return inside.stem == "rules" or inside.stem.endswith("_rules")


def _imports(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] == name for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == name
