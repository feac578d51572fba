"""The documents say what is so: their specs are right, their listings are the files, their links lead somewhere."""

from __future__ import annotations

import ast
import importlib.util
import re
from typing import TYPE_CHECKING

import pytest

import imagekit
from imagekit.catalog import load_catalog
from imagekit.spec import load_spec, parse_spec

if TYPE_CHECKING:
    from pathlib import Path

FENCED = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LISTING = re.compile(r"^<!-- (?P<path>\S+\.py) -->\n```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
WITH_SPECS = ["README.md", "docs/tutorial.md"]


def blocks(path: Path, language: str) -> list[str]:
    return [found["text"] for found in FENCED.finditer(path.read_text()) if found["language"] == language]


@pytest.mark.parametrize("name", WITH_SPECS)
def test_every_spec_that_is_shown_is_right(root: Path, name: str) -> None:
    shown = blocks(root / name, "yaml")

    assert shown
    assert all(parse_spec(text).transforms for text in shown)


def test_the_spec_of_the_demo_is_right(root: Path) -> None:
    assert load_spec(root / "fixtures" / "specs" / "demo.yaml").transforms


def test_the_python_that_is_shown_uses_public_names(root: Path) -> None:
    used = {
        node.attr
        for text in blocks(root / "README.md", "python")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "imagekit"
    }

    assert used
    assert used - set(imagekit.__all__) == set()


def test_the_files_that_are_listed_whole_are_the_files(root: Path) -> None:
    listed = {found["path"]: found["text"] for found in LISTING.finditer((root / "CONTRIBUTING.md").read_text())}

    assert listed == {name: (root / name).read_text() for name in listed}
    assert set(listed) == {"imagekit/transforms/hostname.py", "tests/unit/transforms/test_hostname.py"}


def test_the_table_of_kinds_has_every_kind(root: Path) -> None:
    _, table, _ = re.split("<!-- /?kinds -->", (root / "README.md").read_text())

    assert re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE) == [kind for kind in load_catalog() if "." not in kind]


def test_every_link_leads_to_a_file(root: Path, committed: list[Path]) -> None:
    documents = [path for path in committed if path.suffix == ".md"]
    broken = {
        f"{path}: {target}"
        for path in documents
        for target in LINK.findall(FENCED.sub("", (root / path).read_text()))
        if not (root / path.parent / target).exists()
    }

    assert broken == set()


def test_every_decision_has_its_number_its_headings_and_its_place_in_the_index(root: Path) -> None:
    folder = root / "docs" / "adr"
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    index = (folder / "README.md").read_text()

    for number, path in enumerate(records, start=1):
        text = path.read_text()
        title = re.match(rf"# {number}\. (.+)\n", text)
        assert path.name.startswith(f"{number:04}-")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
        assert title is not None
        assert f"| [{number:04}]({path.name}) | {title[1]} |" in index


def test_the_changelog_begins_with_what_is_not_released(root: Path) -> None:
    assert re.findall(r"^## \[(.+?)\]", (root / "CHANGELOG.md").read_text(), re.MULTILINE)[0] == "Unreleased"


def test_the_generated_pages_are_what_the_code_says(root: Path) -> None:
    spec = importlib.util.spec_from_file_location("build_reference", root / "docs" / "build_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = root / "docs" / "reference"

    pages = module.pages()

    assert {name: (folder / name).read_text() for name in pages} == pages, "run: make docs"


def test_every_make_target_says_what_it_does(root: Path) -> None:
    text = (root / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)[1].split())  # type: ignore[index]
    documented = set(re.findall(r"^([a-z-]+):[^=\n]*?## \S", text, re.MULTILINE))

    assert phony - documented == {"packages"}
    assert documented - phony == set()


def test_ci_runs_the_command_that_the_readme_gives_for_tests(root: Path) -> None:
    assert "\nexec make test </dev/null\n" in (root / ".ci" / "run").read_text()
    assert "\nmake test  " in (root / "README.md").read_text()
