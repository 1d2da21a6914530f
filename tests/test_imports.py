"""Imports go one way, so that each part can be understood, tested and replaced without those above it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("idance", "accounts", "analysis", "challenges", "breakdowns", "feed")

#: part -> the parts of ours that it may import. The most particular part that fits a module counts.
MAY_IMPORT: dict[str, set[str]] = {
    "feed": {"feed", "challenges", "breakdowns", "analysis", "accounts", "idance"},
    "challenges": {"challenges", "analysis", "accounts", "idance"},
    "breakdowns": {"breakdowns", "analysis", "accounts", "idance"},
    "analysis": {"analysis", "accounts", "idance"},
    "analysis.engine": {"analysis.engine"},
    "accounts": {"accounts", "idance"},
    "idance": {"idance", "accounts"},
    "idance.lib": {"idance.lib"},
    "idance.demo": {"idance.demo"},
    "idance.supervisor": set(),
    "idance.guard": set(),
    # These see the whole: whether everything works, and which paths there are.
    "idance.health": set(OURS),
    "idance.checks": set(OURS),
    "idance.dashboard": set(OURS),
    "idance.urls": set(OURS),
}
#: Parts that stand on Python's standard library alone.
STANDARD_LIBRARY_ALONE = ("idance.demo", "idance.supervisor", "idance.guard")
#: Inside an app: the lower may not import the higher.
LAYERS = [("models",), ("selectors", "services"), ("api", "admin", "tasks", "urls")]


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> Iterator[tuple[str, Path]]:
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield module_name(path), path


def imports_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that is imported anywhere in the file, and whether only for its types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node in for_types
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{base}.{alias.name}", node in for_types


def within(module: str, part: str) -> bool:
    return module == part or module.startswith(f"{part}.")


def part_of(module: str) -> str:
    return max((part for part in MAY_IMPORT if within(module, part)), key=len)


def layer_of(module: str) -> int | None:
    """The layer of an app's module (`challenges.api.leaderboard` is of `api`), if it has one."""
    words = module.split(".")
    at = 2 if words[0] == "idance" or words[1:2] == ["moderation"] else 1
    if len(words) <= at:
        return None
    return next((index for index, names in enumerate(LAYERS) if words[at] in names), None)


def test_parts_import_only_what_lies_below_them() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, path in sources()
        for imported, _ in imports_of(path)
        if imported.split(".")[0] in OURS
        and not any(within(imported, part) for part in MAY_IMPORT[part_of(module)])
    ]
    assert not wrong, "\n".join(wrong)


def test_inside_an_app_the_lower_layer_does_not_know_the_higher() -> None:
    wrong = []
    for module, path in sources():
        mine = layer_of(module)
        app = part_of(module)
        for imported, for_types in imports_of(path):
            theirs = layer_of(imported)
            if for_types or mine is None or theirs is None or not within(imported, app):
                continue
            if theirs > mine:
                wrong.append(f"{module} imports {imported}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", STANDARD_LIBRARY_ALONE)
def test_what_must_work_when_nothing_else_does_needs_nothing_else(part: str) -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, path in sources()
        if within(module, part)
        for imported, _ in imports_of(path)
        if imported.split(".")[0] not in sys.stdlib_module_names and not within(imported, part)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", ["analysis.engine", "idance.lib"])
def test_the_engine_and_the_small_helpers_know_no_django(part: str) -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, path in sources()
        if within(module, part)
        for imported, _ in imports_of(path)
        if imported.split(".")[0] in ("django", "rest_framework", "django_q")
    ]
    assert not wrong, "\n".join(wrong)
