"""What the documents name must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
PATH = re.compile(r"`([\w.\-]+(?:/[\w.\-]+)+/?|[\w\-]+\.(?:py|toml|txt|md|json))`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
SETTING = re.compile(r'env\.(?:text|whole|flag|words|folder|secret)\(\s*"(\w+)"')
ROOTS = (
    "accounts",
    "analysis",
    "benchmarks",
    "breakdowns",
    "challenges",
    "docs",
    "feed",
    "idance",
    "scripts",
    "tests",
)


def settings() -> set[str]:
    """Every environment variable that the project reads."""
    sources = [ROOT / "idance" / "settings.py", ROOT / "idance" / "first_admin.py"]
    return {name for source in sources for name in SETTING.findall(source.read_text())}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = [target for target in LINK.findall(path.read_text()) if not target.startswith("http")]
    assert [target for target in links if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_exist(page: str) -> None:
    named = [name for name in PATH.findall((ROOT / page).read_text()) if name.split("/")[0] in ROOTS]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_commands_that_are_told_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for page in PAGES:
        told = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)", (ROOT / page).read_text()))
        assert told <= targets, page


def test_every_setting_is_explained() -> None:
    assert len(settings()) > 30
    explained = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "docs" / "operations.md").read_text()))
    assert settings() - explained == set()


def test_the_example_of_a_configuration_names_every_setting() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, flags=re.MULTILINE))
    assert settings() - named == set()
    assert named - settings() == set()
