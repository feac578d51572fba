"""qemu's monitor: how a machine ended."""

from __future__ import annotations

import json

import pytest

from imagekit.vm.monitor import GREET, POWER_DOWN, MonitorReader


def shutdown(reason: str) -> bytes:
    event = {"event": "SHUTDOWN", "data": {"guest": True, "reason": reason}, "timestamp": {"seconds": 1}}
    return json.dumps(event).encode() + b"\r\n"


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        ("guest-shutdown", "powered-off"),
        ("guest-reset", "reset"),
        ("guest-panic", "reset"),
        ("host-signal", "killed"),
        ("host-error", "killed"),
    ],
)
def test_the_reason_of_the_end_is_qemus_own(reason: str, ending: str) -> None:
    reader = MonitorReader()
    reader.feed(shutdown(reason))

    assert reader.ending == ending


def test_an_event_may_come_in_pieces() -> None:
    reader = MonitorReader()
    for byte in b'{"QMP": {}}\r\n' + shutdown("guest-shutdown"):
        reader.feed(bytes([byte]))

    assert reader.ending == "powered-off"


def test_a_machine_that_said_nothing_was_killed() -> None:
    reader = MonitorReader()
    reader.feed(b'{"QMP": {"version": {}}}\r\n{"return": {}}\r\nnot json\r\n[1]\r\n{"event": "RESET"}\r\n')

    assert reader.ending == "killed"


def test_commands_are_one_document_a_line() -> None:
    assert [json.loads(command)["execute"] for command in (GREET, POWER_DOWN)] == [
        "qmp_capabilities",
        "system_powerdown",
    ]
    assert GREET.count(b"\n") == POWER_DOWN.count(b"\n") == 1
