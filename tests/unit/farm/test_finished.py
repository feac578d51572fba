from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from imagekit.farm.finished import finished, why_to_make
from imagekit.images.publish import receipt_beside

MORNING = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)


@pytest.fixture
def output(tmp_path, write_output):
    path = tmp_path / "out.qcow2"
    write_output(path, "abc", started=MORNING)
    return path


def test_an_output_with_the_receipt_of_its_inputs_is_finished(output) -> None:
    found = finished(output, "abc")

    assert found is not None
    assert (found.sha256, found.size, found.started) == ("cafe", 5, MORNING)
    assert why_to_make(output, "abc") == ""


def test_without_an_output_its_receipt_is_worth_nothing(output) -> None:
    output.unlink()

    assert finished(output, "abc") is None
    assert why_to_make(output, "abc") == "it has no output"


def test_without_its_receipt_an_output_is_not_finished(output) -> None:
    receipt_beside(output).unlink()

    assert finished(output, "abc") is None
    assert why_to_make(output, "abc") == "its output has no receipt"


def test_an_output_of_other_inputs_is_not_finished(output) -> None:
    assert finished(output, "abd") is None
    assert why_to_make(output, "abd") == "what goes in has changed"


def test_inputs_that_nobody_knows_are_never_those_of_a_receipt(tmp_path, write_output) -> None:
    path = tmp_path / "out.qcow2"
    write_output(path, "")

    assert finished(path, "") is None


def test_an_output_of_another_size_is_not_finished(output) -> None:
    output.write_bytes(b"cut")

    assert finished(output, "abc") is None
    assert why_to_make(output, "abc") == "its output is not the one of its receipt"


def test_an_output_that_was_begun_too_early_is_not_finished(output) -> None:
    second = timedelta(seconds=1)

    assert finished(output, "abc", since=MORNING) is not None
    assert finished(output, "abc", since=MORNING + second) is None
    assert why_to_make(output, "abc", since=MORNING + second) == "its output is too old"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"output": null}',
        '{"inputs": "abc", "started": "noon", "output": {"size": 5, "sha256": "x"}}',
    ],
)
def test_what_is_no_receipt_is_none(output, text) -> None:
    receipt_beside(output).write_text(text)

    assert finished(output, "abc") is None
    assert why_to_make(output, "abc") == "its output has no receipt"


def test_a_moment_without_a_zone_is_no_moment(output) -> None:
    receipt = json.loads(receipt_beside(output).read_text())
    receipt_beside(output).write_text(json.dumps({**receipt, "started": "2026-05-04T06:00:00"}))

    assert finished(output, "abc", since=MORNING) is None
