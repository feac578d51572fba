"""What is committed speaks of the project: no machine's paths, no tracker's numbers, no host of a registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = {
    "the path of somebody's machine": re.compile(
        r"(?<![\w.])/work/|/home/(?!\$|\{|[a-z]*(?:user|deploy|ubuntu|debian))"
    ),
    # A bug of another project is a source that may be cited, by that project's name: "libguestfs issue 12".
    "a number of a tracker": re.compile(
        r"(?:^|[(\"'#]|\b(?:see|this|our|the|in|for|of|from|per|fixes|closes) )(?:issue|ticket|PR|MR)s? *#?\d",
        re.IGNORECASE | re.MULTILINE,
    ),
    "the host of a package registry": re.compile(
        r"\bpypi\.org|\bpythonhosted\.org|\bdeb\.debian\.org|\bnpmjs\.(?:org|com)"
    ),
    "a note to oneself": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!XX)"),
}
SELF = "tests/architecture/test_words.py"


def test_no_file_holds_a_word_that_means_nothing_elsewhere(root: Path, committed: list[Path]) -> None:
    found = {}
    for path in committed:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for what, pattern in FORBIDDEN.items():
            if str(path) != SELF and (match := pattern.search(text)):
                found[str(path)] = f"{what}: {match.group()}"

    assert found == {}


def test_nothing_binary_is_committed(root: Path, committed: list[Path]) -> None:
    assert [str(path) for path in committed if b"\0" in (root / path).read_bytes()] == []


def test_no_test_is_skipped(root: Path, committed: list[Path]) -> None:
    word = re.compile(r"pytest\.(?:skip|importorskip)\b|mark\.skip")
    tests = [path for path in committed if path.parts[0] == "tests" and path.suffix == ".py" and str(path) != SELF]

    assert [str(path) for path in tests if word.search((root / path).read_text())] == []
