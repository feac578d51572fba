from __future__ import annotations

import pytest

from imagekit.system import yamltext


@pytest.mark.parametrize("text", ["no", "Yes", "on", "0644", "12:30:45", "52:54:00:12:34:56", "1e3", "~", "null", ""])
def test_text_that_yaml_1_1_reads_as_something_else_is_quoted(text: str) -> None:
    assert yamltext.dump({"a": text}) == f'a: "{text}"\n'


@pytest.mark.parametrize(
    "value", ["web-1", "a b", "a: b", "- x", "#x", "x\n", "a\n  b\n\n", "tab\tq", "q\"'", 1, True, None]
)
def test_what_is_written_is_read_back(value: object) -> None:
    assert yamltext.parse(yamltext.dump({"a": [{"b": value}]})) == {"a": [{"b": value}]}


def test_keys_keep_their_order_and_lines_are_not_folded() -> None:
    long = "word " * 100 + "end"

    assert yamltext.dump({"b": long, "a": 1}) == f"b: {long}\na: 1\n"
