from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING

import pytest

from imagekit.appliance import channel
from imagekit.appliance.channel import Channel, VerbRefused
from imagekit.appliance.errors import ApplianceDied, BuildTimeout, HostDiskFault, VerbTimeout
from imagekit.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOON = 20
WORKER = """
import base64, json, os, signal, sys, time
for line in sys.stdin.buffer:
    request = json.loads(line)
    verb, args = request["verb"], request["args"]
    if verb == "sleep":
        time.sleep(1000)
    if verb == "kill":
        os.kill(os.getpid(), args[0])
    if verb == "leave":
        os._exit(3)
    if verb == "say":
        print(args[0], file=sys.stderr, flush=True)
    if verb == "child":
        pid = os.fork()
        if pid == 0:
            os.execv("/bin/sleep", ["sleep", "1000"])
        args = pid
    answer = {"error": args[0], "type": "RuntimeError"} if verb == "refuse" else {"ok": args}
    text = json.dumps(answer)
    for start in range(0, len(text), 100_000):
        sys.stdout.write(text[start:start + 100_000]); sys.stdout.flush()
    sys.stdout.write("\\n"); sys.stdout.flush()
    if verb == "answer and leave":
        os._exit(0)
"""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Channel]]:
    """Open a channel to a worker without a binding; it says back what it is told."""
    (tmp_path / "worker.py").write_text(WORKER)
    monkeypatch.setattr(channel, "WORKER", tmp_path / "worker.py")
    made: list[Channel] = []

    def make(**options: object) -> Channel:
        made.append(Channel(sys.executable, tmp_path / "log", **options))
        return made[-1]

    yield make
    for each in made:
        each.kill()


def has_ended(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], SOON)[0])


@pytest.fixture
def watched() -> Iterator[Callable[[int], int]]:
    """Hold a process by a descriptor, so that its number cannot be another's when it is gone."""
    held: list[int] = []

    def hold(pid: int) -> int:
        held.append(os.pidfd_open(pid))
        return held[-1]

    yield hold
    for descriptor in held:
        os.close(descriptor)


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1, True, "é 😀", "a\nb"],
        [b"\0\xff\n", ["x", b"y"]],
        ["x" * 3_000_000],
    ],
)
def test_an_answer_is_what_was_said(opened: Callable[..., Channel], value: list[object]) -> None:
    assert opened().call("echo", *value, deadline=SOON) == value


def test_one_worker_answers_many_calls_in_order(opened: Callable[..., Channel]) -> None:
    line = opened()

    assert [line.call("echo", number, deadline=SOON) for number in range(5)] == [[0], [1], [2], [3], [4]]


def test_a_refusal_carries_the_bindings_own_words(opened: Callable[..., Channel]) -> None:
    with pytest.raises(VerbRefused) as refused:
        opened().call("refuse", "mount: no such device\n", deadline=SOON)

    assert (refused.value.verb, refused.value.text) == ("refuse", "mount: no such device\n")
    assert refused.value.type_name == "RuntimeError"


def test_a_refusal_that_nobody_translates_is_an_error_of_the_appliance() -> None:
    refused = VerbRefused("fstrim", "fstrim: not supported\n", "RuntimeError")

    assert isinstance(refused, ApplianceError)
    assert (refused.message, refused.why) == ("the appliance refused fstrim", "fstrim: not supported")


def test_a_refusal_does_not_end_the_channel(opened: Callable[..., Channel]) -> None:
    line = opened()
    with pytest.raises(VerbRefused):
        line.call("refuse", "no", deadline=SOON)

    assert line.call("echo", 1, deadline=SOON) == [1]


def test_a_call_past_its_deadline_ends_the_worker_and_all_it_started(
    opened: Callable[..., Channel], watched: Callable[[int], int]
) -> None:
    line = opened()
    worker, child = watched(line.pid), watched(line.call("child", deadline=SOON))

    with pytest.raises(VerbTimeout) as late:
        line.call("sleep", deadline=0.1)
    assert (late.value.verb, late.value.seconds) == ("sleep", 0.1)
    assert has_ended(worker)
    assert has_ended(child)


def test_the_end_of_the_build_comes_before_the_deadline_of_a_call(
    opened: Callable[..., Channel], watched: Callable[[int], int]
) -> None:
    line = opened(until=time.monotonic() + 0.1)
    worker = watched(line.pid)

    with pytest.raises(BuildTimeout):
        line.call("sleep", deadline=SOON)
    assert has_ended(worker)


def test_the_deadline_of_a_call_comes_before_the_end_of_the_build(opened: Callable[..., Channel]) -> None:
    with pytest.raises(VerbTimeout):
        opened(until=time.monotonic() + 1000).call("sleep", deadline=0.1)


@pytest.mark.parametrize(
    ("verb", "args", "how"),
    [("kill", (9,), "its worker got SIGKILL"), ("kill", (11,), "SIGSEGV"), ("leave", (), "left with status 3")],
)
def test_a_worker_that_ends_in_a_call_is_told_by_how_it_ended(
    opened: Callable[..., Channel], verb: str, args: tuple[int, ...], how: str
) -> None:
    with pytest.raises(ApplianceDied) as died:
        opened().call(verb, *args, deadline=SOON)

    assert died.value.verb == verb
    assert how in died.value.how


def test_a_worker_that_ended_between_calls_is_told_too(
    opened: Callable[..., Channel], watched: Callable[[int], int]
) -> None:
    line = opened()
    worker = watched(line.pid)
    line.call("answer and leave", deadline=SOON)
    has_ended(worker)

    with pytest.raises(ApplianceDied, match="ended during write"):
        line.call("write", b"x" * 2_000_000, deadline=SOON)
    with pytest.raises(ApplianceDied, match="ended during echo"):
        line.call("echo", deadline=SOON)


def test_the_fault_that_was_seen_explains_the_end(opened: Callable[..., Channel]) -> None:
    fault = HostDiskFault("write", "Input/output error")

    with pytest.raises(HostDiskFault) as seen:
        opened(fault=lambda: fault).call("kill", 9, deadline=SOON)
    assert seen.value is fault


def test_a_watcher_ends_the_group_without_waiting(
    opened: Callable[..., Channel], watched: Callable[[int], int]
) -> None:
    line = opened()
    child = watched(line.call("child", deadline=SOON))
    line.kill_group()

    assert has_ended(child)
    with pytest.raises(ApplianceDied):
        line.call("echo", deadline=SOON)


def test_ending_twice_is_no_error(opened: Callable[..., Channel]) -> None:
    line = opened()
    line.kill()
    line.kill_group()
    line.kill()

    with pytest.raises(ApplianceDied):
        line.call("echo", deadline=SOON)


def test_what_the_worker_says_beside_its_answers_goes_to_the_log(
    opened: Callable[..., Channel], tmp_path: Path
) -> None:
    (tmp_path / "log").write_text("earlier\n")
    opened().call("say", "qemu: hm", deadline=SOON)

    assert (tmp_path / "log").read_text() == "earlier\nqemu: hm\n"
