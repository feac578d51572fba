from __future__ import annotations

import pytest

from imagekit_cli.words import hoist, nearest, wants_json

FLAGS, VALUED = frozenset({"-v", "--json"}), frozenset({"--memory", "--key"})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["plan", "a"], ["plan", "a"]),
        (["-v", "plan", "a"], ["plan", "-v", "a"]),
        (["--memory", "512", "plan", "a"], ["plan", "--memory", "512", "a"]),
        (["--memory=512", "--json", "plan"], ["plan", "--memory=512", "--json"]),
        (["plan", "--memory", "512"], ["plan", "--memory", "512"]),
        (["--bogus", "plan"], ["--bogus", "plan"]),
        (["--json"], ["--json"]),
        (["--memory", "512"], ["--memory", "512"]),
        (["--", "plan"], ["--", "plan"]),
        ([], []),
    ],
)
def test_options_before_the_command_move_behind_it(words: list[str], expected: list[str]) -> None:
    assert hoist(words, FLAGS, VALUED) == expected


def test_the_nearest_word_is_one_that_is_like_it() -> None:
    assert nearest("custmize", ["customize", "plan"]) == "customize"
    assert nearest("zzz", ["customize", "plan"]) == ""


def test_json_is_an_option_only_before_the_two_dashes() -> None:
    assert wants_json(["plan", "--json", "--", "x"])
    assert not wants_json(["plan", "--", "--json"])
