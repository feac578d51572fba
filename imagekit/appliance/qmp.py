"""qemu's own channel (QMP) to a machine that libguestfs started: one JSON document a line, in and out.

Source: qemu, docs/interop/qmp-spec.txt and qapi/migration.json.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ANSWER_SECONDS = 10.0


class QmpError(OSError):
    """qemu refused a command, or closed the channel."""


class Qmp:
    """A connection that has left negotiation. Not for several threads at once."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")

    @classmethod
    @contextlib.contextmanager
    def connected(cls, path: Path) -> Iterator[Qmp]:
        """Connect to the socket of a running qemu.

        Raises:
            OSError: the socket is not there, or does not answer within 10 s.
        """
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWER_SECONDS)
            connection.connect(str(path))
            channel = cls(connection)
            with channel._lines:
                channel._line()
                channel.execute("qmp_capabilities")
                yield channel

    def execute(self, command: str, *, descriptor: int | None = None, **arguments: Any) -> Any:
        """Run a command and return what it returns; events on the way are passed over.

        Args:
            command: as QMP names it.
            descriptor: goes along with the command, for ``getfd``.
            **arguments: its arguments; ``_`` stands for the ``-`` of QMP's names.

        Raises:
            QmpError: it was refused, or the channel was closed.
            TimeoutError: no answer within 10 s.
        """
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        asked = {"execute": command, **({"arguments": named} if named else {})}
        request = json.dumps(asked).encode() + b"\n"
        if descriptor is None:
            self._connection.sendall(request)
        else:
            socket.send_fds(self._connection, [request], [descriptor])
        while True:
            reply = self._reply()
            if "return" in reply:
                return reply["return"]
            if "error" in reply:
                raise QmpError(f"{command}: {reply['error'].get('desc', 'refused')}")

    def pass_file(self, name: str, path: Path, flags: int) -> None:
        """Open a file here and hand it to qemu under a name, since its sandbox starts no helpers."""
        descriptor = os.open(path, flags, 0o600)
        try:
            self.execute("getfd", descriptor=descriptor, fdname=name)
        finally:
            os.close(descriptor)

    def wait_for_ever(self) -> None:
        """Take no deadline from now on."""
        self._connection.settimeout(None)

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield whatever qemu says from now on, for as long as it lives; call ``wait_for_ever`` first."""
        for line in self._lines:
            document = json.loads(line)
            if isinstance(document, dict):
                yield document

    def _reply(self) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = json.loads(self._line())
        except ValueError as garbled:
            raise QmpError("qemu closed its channel in the middle of an answer") from garbled
        return reply

    def _line(self) -> bytes:
        line = self._lines.readline()
        if not line:
            raise QmpError("qemu closed its channel")
        return line
