from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import SpecInvalid
from imagekit_cli.commands.arguments import age, load, pairs
from imagekit_cli.errors import BadUsage

if TYPE_CHECKING:
    from pathlib import Path


def test_pairs_are_split_at_the_first_equals_sign() -> None:
    assert pairs("--set", ["a=1", "b=x=y", "c="], "imagekit plan") == {"a": "1", "b": "x=y", "c": ""}


@pytest.mark.parametrize("texts", [["hunter2"], ["=hunter2"], ["a=1", "a=hunter2"]])
def test_a_pair_that_is_none_is_refused_without_its_value(texts: list[str]) -> None:
    with pytest.raises(BadUsage) as refused:
        pairs("--secret", texts, "imagekit plan")

    assert "hunter2" not in str(refused.value.document())


def test_a_spec_is_loaded_with_what_the_command_line_says(spec: Path) -> None:
    loaded = load([spec], ["site=rome"], [], "imagekit plan")

    assert loaded.vars == {"site": "rome"}


def test_a_wrong_spec_comes_with_every_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("transforms: [{hostnam: a}, {hostname: 1}]\n")

    with pytest.raises(SpecInvalid) as refused:
        load([tmp_path / "a.yaml"], [], [], "imagekit plan")

    assert len(refused.value.diagnostics) == 2


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43200), ("7d", 604800), ("2w", 1209600), ("0d", 0)]
)
def test_an_age_is_a_number_with_its_unit(text: str, seconds: float) -> None:
    assert age("--refresh", text, "imagekit batch") == seconds


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "7 d", "1.5h", "7days", "٣d", "7D"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(BadUsage):
        age("--refresh", text, "imagekit batch")
