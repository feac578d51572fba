from __future__ import annotations

import pytest

from imagekit.system import yamltext


@pytest.mark.parametrize("text", ["no", "Yes", "on", "0644", "12:30:45", "52:54:00:12:34:56", "1e3", "~", "null", ""])
def test_text_that_yaml_1_1_reads_as_something_else_is_quoted(text: str) -> None:
    assert yamltext.dump({"a": text}) == f'a: "{text}"\n'


@pytest.mark.parametrize(
    "value", ["web-1", "a b", "a: b", "- x", "#x", "x\n", "a\n  b\n\n", "tab\tq", "q\"'", "yes", "0644", 1, True, None]
)
def test_what_is_written_is_read_back(value: object) -> None:
    assert yamltext.parse(yamltext.dump({"a": [{"b": value}]})) == {"a": [{"b": value}]}


def test_keys_keep_their_order_and_lines_are_not_folded() -> None:
    long = "word " * 100 + "end"

    assert yamltext.dump({"b": long, "a": 1}) == f"b: {long}\na: 1\n"


def test_a_text_is_read_as_the_guest_reads_it() -> None:
    assert yamltext.parse("a: yes\nb: 0644\nc: y\nd: off\ne: [N]\n") == {
        "a": True,
        "b": 0o644,
        "c": "y",
        "d": False,
        "e": ["N"],
    }


def test_an_empty_text_is_an_empty_mapping() -> None:
    assert yamltext.read_mapping(b"# nothing\n") == ({}, ())


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [(b"a: 1\nb: {\n", 3, 1), (b"a: 1\na: 2\n", 2, 1), (b"- a\n", 1, 1), (b"a: \xff\n", 0, 0), (b"\0", 0, 0)],
)
def test_what_is_no_mapping_is_told_with_its_place(content: bytes, line: int, column: int) -> None:
    document, (fault,) = yamltext.read_mapping(content)

    assert document == {}
    assert (fault.line, fault.column) == (line, column)


def test_a_fault_never_tells_a_value() -> None:
    _, (fault,) = yamltext.read_mapping(b"password: hush\npassword: hush2\n")

    assert "hush" not in fault.told()


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [(("b",), 2, 1), (("b", 1), 4, 3), (("b", 1, "d"), 5, 3), (("b", 7), 2, 1), (("x",), 1, 1), ((), 1, 1)],
)
def test_a_part_is_found_by_its_path_or_by_what_is_above_it(
    path: tuple[str | int, ...], line: int, column: int
) -> None:
    fault = yamltext.fault_at(b"a: 1\nb:\n- x\n- c: 1\n  d: 2\n", path, "said", "fix")

    assert (fault.line, fault.column, fault.path, fault.fix) == (line, column, path, "fix")


def test_a_fault_names_the_file_that_it_is_in() -> None:
    fault = yamltext.Fault("it is wrong", 3, 5)

    assert (fault.told(), fault.told("x.yaml")) == (
        "it is wrong (line 3, column 5)",
        "it is wrong (line 3, column 5 of x.yaml)",
    )
    assert yamltext.Fault("it is wrong").told("x.yaml") == "it is wrong"


def test_a_path_is_written_as_specs_write_it() -> None:
    assert yamltext.dotted(("users", 0, "name")) == "users[0].name"


def test_an_anchor_may_be_used_anew() -> None:
    assert yamltext.parse("[&a 1, &a 2, *a]") == [1, 2, 2]
    assert yamltext.fault_at(b"a: &a 1\nb: &a 2\n", ("b",), "said").line == 2
