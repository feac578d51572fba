from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance import qmp
from imagekit.appliance.errors import HostDiskFault
from imagekit.appliance.watchdog import Watchdog, fault_of
from imagekit.hostdisk import HostDiskFull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOON = 20
FOLDER = Path("/srv/images")
GREETING = {"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": []}}


def io_error(**data: object) -> dict[str, object]:
    known = {"device": "hd0", "operation": "write", "action": "stop", "nospace": False, "reason": "Input/output error"}
    return {"event": "BLOCK_IO_ERROR", "data": known | data}


# What an event stands for.
@pytest.mark.parametrize(
    "event",
    [
        {},
        {"return": {}},
        {"event": "STOP"},
        {"event": "SHUTDOWN", "data": {"guest": True}},
        {"event": "BLOCK_JOB_ERROR", "data": {"operation": "write"}},
        {"event": "BLOCK_IO_ERROR"},
        {"event": "BLOCK_IO_ERROR", "data": None},
        io_error(action="ignore"),
        io_error(action="ignore", nospace=True),
    ],
)
def test_what_is_no_fault_of_a_disk_is_let_pass(event: dict[str, object]) -> None:
    assert fault_of(event, FOLDER) is None


@pytest.mark.parametrize("action", ["stop", "report"])
def test_a_full_disk_is_told_by_the_folder_that_is_full(action: str) -> None:
    fault = fault_of(io_error(nospace=True, action=action), FOLDER)

    assert isinstance(fault, HostDiskFull)
    assert fault.path == FOLDER


def test_any_other_error_is_told_by_what_failed_and_why() -> None:
    fault = fault_of(io_error(operation="read"), FOLDER)

    assert isinstance(fault, HostDiskFault)
    assert (fault.operation, fault.reason) == ("read", "Input/output error")


def test_an_error_of_which_qemu_says_little_is_a_fault_all_the_same() -> None:
    fault = fault_of({"event": "BLOCK_IO_ERROR", "data": {}}, FOLDER)

    assert isinstance(fault, HostDiskFault)
    assert fault.message == "the host could not use the image: I/O error"


# The channel.
class Monitor:
    """qemu's end of the channel: greets, waits for a command, answers, then says what a test gives it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commands: list[Any] = []
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self.ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self._connection: socket.socket | None = None

    def _serve(self) -> None:
        self._connection, _ = self._listening.accept()
        with self._connection.makefile("rw") as stream:
            stream.write(json.dumps(GREETING) + "\r\n")
            stream.flush()
            self.commands.append(json.loads(stream.readline()))
            stream.write('{"return": {}}\r\n')
        self.ready.set()

    def say(self, data: bytes) -> None:
        self.ready.wait(SOON)
        assert self._connection is not None
        self._connection.sendall(data)

    def close(self) -> None:
        self._listening.close()
        self._thread.join()
        if self._connection:
            self._connection.close()


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Monitor]:
    made = Monitor(tmp_path / "qmp")
    yield made
    made.close()


@pytest.fixture
def attached(monitor: Monitor) -> Callable[[], tuple[Watchdog, threading.Event]]:
    def attach() -> tuple[Watchdog, threading.Event]:
        barked = threading.Event()
        watch = Watchdog(monitor.path, FOLDER, barked.set)
        watch.attach()
        return watch, barked

    return attach


def listener() -> threading.Thread | None:
    return next((thread for thread in threading.enumerate() if thread.name == "imagekit-qmp"), None)


def lines(*events: dict[str, object]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\r\n" for event in events)


def test_the_channel_is_taken_out_of_negotiation(
    monitor: Monitor, attached: Callable[[], tuple[Watchdog, threading.Event]]
) -> None:
    watch, barked = attached()

    assert monitor.commands == [{"execute": "qmp_capabilities"}]
    assert watch.fault is None
    assert not barked.is_set()


def test_the_watch_waits_for_ever_once_it_is_there(
    attached: Callable[[], tuple[Watchdog, threading.Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []

    class Noting(socket.socket):
        def settimeout(self, value: float | None) -> None:
            waits.append(value)
            super().settimeout(value)

    monkeypatch.setattr(qmp.socket, "socket", Noting)
    attached()

    assert waits == [10, None]


def test_the_first_disk_error_is_told_once_it_is_kept(
    monitor: Monitor, attached: Callable[[], tuple[Watchdog, threading.Event]]
) -> None:
    watch, barked = attached()
    monitor.say(lines({"event": "STOP"}, io_error(nospace=True), io_error(reason="a later one")))

    assert barked.wait(SOON)
    assert isinstance(watch.fault, HostDiskFull)


@pytest.mark.parametrize("last", [b"", b"no json\r\n", b'{"event": "SHUTDOWN"}\r\n{"cut off'])
def test_an_end_without_an_error_is_no_fault(
    monitor: Monitor, attached: Callable[[], tuple[Watchdog, threading.Event]], last: bytes
) -> None:
    watch, barked = attached()
    thread = listener()
    monitor.say(last)
    monitor.close()
    if thread:
        thread.join(SOON)

    assert listener() is None
    assert watch.fault is None
    assert not barked.is_set()


def test_a_socket_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Watchdog(tmp_path / "none", FOLDER, lambda: None).attach()


def test_a_machine_that_closes_its_channel_at_once_is_an_error_of_the_system(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "qmp"))
        listening.listen()

        def hang_up() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"{}\n")
                connection.recv(100)

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(OSError, match="closed"):
            Watchdog(tmp_path / "qmp", FOLDER, lambda: None).attach()
        thread.join()
