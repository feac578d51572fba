from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted
from imagekit_cli.errors import CannotWrite
from imagekit_cli.journal import LogFile, stamped, told

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (StageStarted("start appliance", "the longest wait"), "start appliance … (the longest wait)"),
        (StageStarted("trim"), "trim …"),
        (StageFinished("trim", 1.24), "trim: done in 1.2 s"),
        (StepStarted(2, 3, "hostname", "hostname web"), "step 2/3 hostname web …"),
        (StepFinished(2, "hostname", 0.5, 1), "step 2 hostname: 1 change in 0.5 s"),
        (Notice("KVM does not work"), "note: KVM does not work"),
    ],
)
def test_every_event_is_a_plain_sentence(event: Event, text: str) -> None:
    assert told(event) == text


def test_an_event_of_a_later_release_is_told_as_it_is() -> None:
    assert told(Event()) == "{'event': 'Event'}"


def test_a_line_of_the_log_is_one_line_with_its_time() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z a\ufffdb", stamped("a\nb"))


def test_the_log_is_appended_to_and_is_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    for _ in range(2):
        log = LogFile(path)
        log(StageStarted("trim"))
        log.close()

    assert [line.partition(" ")[2] for line in path.read_text().splitlines()] == ["trim …", "trim …"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failure_is_logged_with_its_traceback(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "run.log")
    with pytest.raises(ValueError, match="no") as raised:
        raise ValueError("no")
    log.failure(raised.value)
    log.close()

    text = (tmp_path / "run.log").read_text()
    assert "Traceback" in text
    assert "ValueError: no" in text


def test_a_log_that_cannot_be_opened_is_told_before_the_work_begins(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="Is a directory"):
        LogFile(tmp_path)


def test_a_full_disk_spoils_the_log_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "run.log").symlink_to("/dev/full")
    log = LogFile(tmp_path / "run.log")
    log(StageStarted("trim"))
    log.close()
