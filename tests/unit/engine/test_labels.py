from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.labels import set_labels
from imagekit.events import Event, Notice, StageStarted
from imagekit.guest.changes import Change
from imagekit.receipt import StepRecord

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

CONTEXTS = "/etc/selinux/targeted/contexts/files/file_contexts"


@pytest.fixture
def guest(fedora: MemoryGuest) -> MemoryGuest:
    """A Fedora with a policy, whose programs end well."""
    fedora.write(CONTEXTS, "/.*\tsystem_u:object_r:default_t:s0\n")
    fedora.setxattr("/", "security.selinux", b"system_u:object_r:root_t:s0\0")
    fedora.answer(lambda _argv, _env: 0)
    return fedora


def record(*changes: Change, commands: int = 0) -> StepRecord:
    return StepRecord(id="a", position=1, kind="a", title="a", phase="content", changes=changes, commands=commands)


WRITTEN = Change(path="/etc/motd", action="created")
REMOVED = Change(path="/etc/issue", action="removed")


def label(guest: MemoryGuest, *steps: StepRecord, seconds: float = 0) -> list[Event]:
    events: list[Event] = []
    set_labels(guest, guest.facts, steps, seconds, events.append)
    return events


def programs(guest: MemoryGuest) -> list[str]:
    return [one.argv[0].rpartition("/")[2] for one in guest.commands]


def test_what_a_step_wrote_is_labelled(guest: MemoryGuest) -> None:
    events = label(guest, record(WRITTEN, REMOVED))

    assert [event.stage for event in events if isinstance(event, StageStarted)] == ["label files"]
    assert programs(guest) == ["setfiles"]


@pytest.mark.parametrize(("seconds", "minutes"), [(0.0, "2"), (59.9, "2"), (60.0, "3"), (601.0, "12")])
def test_what_programs_wrote_is_looked_for_as_far_back_as_the_build_began(
    guest: MemoryGuest, seconds: float, minutes: str
) -> None:
    label(guest, record(WRITTEN, commands=2), seconds=seconds)

    assert programs(guest) == ["sh", "setfiles"]
    assert guest.commands[0].argv[4] == minutes


@pytest.mark.parametrize("steps", [(), (record(),), (record(REMOVED),)])
def test_nothing_runs_if_nothing_was_written(guest: MemoryGuest, steps: tuple[StepRecord, ...]) -> None:
    assert label(guest, *steps) == []
    assert guest.commands == []


def test_a_guest_without_selinux_is_left_alone(debian: MemoryGuest) -> None:
    assert label(debian, record(WRITTEN, commands=1)) == []
    assert debian.commands == []


def test_a_guest_that_labels_itself_at_boot_is_left_to_it(guest: MemoryGuest) -> None:
    guest.add("/.autorelabel", "")

    assert label(guest, record(WRITTEN)) == []
    assert guest.commands == []


def test_a_guest_that_cannot_is_told_of(guest: MemoryGuest) -> None:
    guest.write(CONTEXTS, "")

    (notice,) = label(guest, record(WRITTEN))

    assert isinstance(notice, Notice)
    assert "at-boot" in notice.text
    assert guest.commands == []


def test_a_guest_of_a_foreign_architecture_is_told_of(guest: MemoryGuest) -> None:
    facts = guest.facts.model_copy(update={"arch": "s390x"})
    events: list[Event] = []

    set_labels(guest, facts, [record(WRITTEN)], 0, events.append)

    assert [type(event) for event in events] == [Notice]
    assert guest.commands == []
