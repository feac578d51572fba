from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.spec.textfile import neighbour, read_text
from imagekit.spec.yamltext import LARGEST

if TYPE_CHECKING:
    from pathlib import Path


def test_a_text_comes_without_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")

    assert read_text(tmp_path / "a.yaml", "a.yaml") == ("a: 1\n", None)


def test_a_file_that_is_not_there_gets_the_nearest_name_of_a_yaml_file(tmp_path: Path) -> None:
    for name in ("common.yaml", "comon.txt"):
        (tmp_path / name).touch()
    text, problem = read_text(tmp_path / "comon.yaml", "comon.yaml")

    assert text is None
    assert problem is not None
    assert (problem.code, problem.message) == ("IK-SPEC-002", "cannot read comon.yaml: No such file or directory")
    assert problem.fix == 'did you mean "common.yaml"?'


def test_a_file_that_is_no_text_is_told_by_its_first_bad_byte(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"name: \xff")
    _, problem = read_text(tmp_path / "a.yaml", "a.yaml")

    assert problem is not None
    assert problem.message == "cannot read a.yaml: byte 6 is not UTF-8 text"


def test_no_more_is_read_than_a_reader_takes(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a" * (LARGEST + 10))
    text, _ = read_text(tmp_path / "a.yaml", "a.yaml")

    assert text is not None
    assert len(text) == LARGEST + 1


def test_a_neighbour_may_be_of_any_suffix(tmp_path: Path) -> None:
    (tmp_path / "debian.qcow2").touch()

    assert neighbour(tmp_path / "debain.qcow2") == "debian.qcow2"
    assert neighbour(tmp_path / "debain.qcow2", (".yaml",)) == ""
    assert neighbour(tmp_path / "none" / "debain.qcow2") == ""
