"""Every module says what lives in it, every public function what it promises."""

import ast
import re

from tests.tidy.repository import Function, modules, named, package_modules, texts, tree

LONGEST_MODULE_DOCSTRING_LINES = 8
EXCUSED_TYPE = re.compile(r"# type: ignore\[[\w, -]+\]  # \w")


def test_every_module_opens_with_a_short_account_of_itself() -> None:
    """Two to six lines of text: what lives here, what does not, who calls it."""
    wrong = {}
    for path in modules():
        text = ast.get_docstring(tree(path))
        lines = len(text.splitlines()) if text else 0
        if not 1 <= lines <= LONGEST_MODULE_DOCSTRING_LINES:
            wrong[named(path)] = lines
    assert wrong == {}


def test_every_public_function_and_class_has_a_docstring() -> None:
    """One sentence of what it promises and how it refuses; overridden methods have their base's."""
    missing = [
        f"{named(path, node)} {node.name}"
        for path in package_modules()
        for node in _public(tree(path))
        if ast.get_docstring(node) is None
    ]
    assert missing == []


def test_every_function_of_the_package_is_typed() -> None:
    """Parameters and answer, `-> None` too; mypy checks the rest."""
    untyped = [
        f"{named(path, node)} {node.name}"
        for path in package_modules()
        for node in ast.walk(tree(path))
        if isinstance(node, Function) and node.returns is None
    ]
    assert untyped == []


def test_no_type_is_ignored_without_a_reason() -> None:
    """`# type: ignore[code]  # why`."""
    wrong = [
        f"{named(path)}: {line.strip()}"
        for path, text in texts()
        if path.suffix == ".py" and path.name != "test_docstrings.py"
        for line in text.splitlines()
        if "# type: ignore" in line and not EXCUSED_TYPE.search(line)
    ]
    assert wrong == []


def _public(module: ast.Module) -> list[ast.ClassDef | Function]:
    found: list[ast.ClassDef | Function] = []
    for node in module.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            found += [
                n for n in node.body if isinstance(n, Function) and not n.name.startswith("_")
            ]
        elif isinstance(node, Function) and not node.name.startswith("_"):
            found.append(node)
    return found
