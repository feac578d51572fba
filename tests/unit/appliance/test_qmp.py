from __future__ import annotations

import json
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance import qmp
from imagekit.appliance.qmp import Qmp, QmpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GREETING = b'{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": []}}\r\n'
DONE = b'{"return": {}}\r\n'


class Machine:
    """qemu's end of the channel: greets, then answers each command with the next of the bytes that a test gives it.

    Once it has nothing more to say it waits until the other end is closed; after half a line it hangs up itself.
    """

    def __init__(self, path: Path, answers: tuple[bytes, ...]) -> None:
        self.path = path
        self.answers = answers
        self.asked: list[Any] = []
        self.files: list[int] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            connection.sendall(self.answers[0])
            for answer in self.answers[1:]:
                request, files, _, _ = socket.recv_fds(connection, 1 << 16, 4)
                if not request:
                    return
                self.asked.append(json.loads(request))
                self.files += files
                connection.sendall(answer)
                if not answer.endswith(b"\n"):
                    return
            while connection.recv(1 << 16):
                pass

    def close(self) -> None:
        self._thread.join()
        self._listening.close()
        for descriptor in self.files:
            os.close(descriptor)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """``machine(answer, …)``: a qemu that greets, leaves negotiation, and then answers like this."""
    made: list[Machine] = []

    def make(*answers: bytes, greeting: bytes = GREETING, negotiation: bytes = DONE) -> Machine:
        made.append(Machine(tmp_path / "qmp", (greeting, negotiation, *answers)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def held(path: Path) -> int:
    """Return how many descriptors of this process are of a file."""
    return sum(link.samefile(path) for link in Path("/proc/self/fd").iterdir() if link.exists())


def test_negotiation_is_over_before_anything_is_asked(machine: Callable[..., Machine]) -> None:
    qemu = machine(b'{"return": {"status": "completed"}}\r\n')
    with Qmp.connected(qemu.path) as channel:
        answer = channel.execute("query-migrate")

    assert answer == {"status": "completed"}
    assert qemu.asked == [{"execute": "qmp_capabilities"}, {"execute": "query-migrate"}]


def test_arguments_have_qmps_own_names(machine: Callable[..., Machine]) -> None:
    qemu = machine(DONE)
    with Qmp.connected(qemu.path) as channel:
        channel.execute("migrate-set-parameters", max_bandwidth=7)

    assert qemu.asked[-1] == {"execute": "migrate-set-parameters", "arguments": {"max-bandwidth": 7}}


def test_events_on_the_way_to_an_answer_are_passed_over(machine: Callable[..., Machine]) -> None:
    qemu = machine(b'{"event": "STOP"}\r\n{"event": "MIGRATION"}\r\n{"return": 5}\r\n')

    with Qmp.connected(qemu.path) as channel:
        assert channel.execute("query-x") == 5


def test_a_refusal_is_told_in_qemus_words_and_the_channel_goes_on(machine: Callable[..., Machine]) -> None:
    qemu = machine(b'{"error": {"class": "GenericError", "desc": "no such file"}}\r\n', b'{"return": 1}\r\n')

    with Qmp.connected(qemu.path) as channel:
        with pytest.raises(QmpError, match="migrate: no such file"):
            channel.execute("migrate", uri="fd:x")
        assert channel.execute("query-x") == 1


@pytest.mark.parametrize("last", [b"", b'{"return": {"cut'])
def test_a_machine_that_dies_before_it_answers_is_an_error_of_the_system(
    machine: Callable[..., Machine], last: bytes
) -> None:
    qemu = machine(last)

    with Qmp.connected(qemu.path) as channel, pytest.raises(OSError, match="qemu closed its channel"):
        channel.execute("query-x")


@pytest.mark.parametrize("negotiation", [b"", b'{"error": {"desc": "not now"}}\r\n'])
def test_a_channel_that_does_not_leave_negotiation_is_none(machine: Callable[..., Machine], negotiation: bytes) -> None:
    qemu = machine(negotiation=negotiation)

    with pytest.raises(QmpError), Qmp.connected(qemu.path):
        pass


def test_a_machine_that_says_nothing_is_not_waited_for(
    machine: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qmp, "_ANSWER_SECONDS", 0.1)
    qemu = machine()

    with Qmp.connected(qemu.path) as channel, pytest.raises(TimeoutError):
        channel.execute("query-x")


def test_a_file_is_opened_here_and_handed_over_under_a_name(machine: Callable[..., Machine], tmp_path: Path) -> None:
    qemu = machine(DONE)
    with Qmp.connected(qemu.path) as channel:
        channel.pass_file("state", tmp_path / "state", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    (handed,) = qemu.files
    os.write(handed, b"memory")

    assert qemu.asked[-1] == {"execute": "getfd", "arguments": {"fdname": "state"}}
    assert (tmp_path / "state").read_bytes() == b"memory"
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o600
    assert held(tmp_path / "state") == 1


def test_a_file_that_is_not_taken_is_closed_again(machine: Callable[..., Machine], tmp_path: Path) -> None:
    qemu = machine(b'{"error": {"desc": "no"}}\r\n')
    with Qmp.connected(qemu.path) as channel, pytest.raises(QmpError):
        channel.pass_file("state", tmp_path / "state", os.O_CREAT | os.O_WRONLY)

    assert held(tmp_path / "state") == len(qemu.files) == 1


def test_events_come_until_the_machine_ends(machine: Callable[..., Machine]) -> None:
    qemu = machine(b'{"return": 1}\r\n{"event": "STOP"}\r\n[]\r\n{"event": "SHUTDOWN"}\r\n', b"")
    with Qmp.connected(qemu.path) as channel:
        channel.execute("query-x")
        channel.wait_for_ever()
        events = channel.events()
        first = [next(events), next(events)]
        channel._connection.sendall(b'{"execute": "quit"}')
        rest = list(events)

    assert first == [{"event": "STOP"}, {"event": "SHUTDOWN"}]
    assert rest == []


def test_a_socket_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), Qmp.connected(tmp_path / "none"):
        pass
