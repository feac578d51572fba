"""The parent's end of the worker: one request, one answer, one deadline."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagekit.appliance.errors import ApplianceDied, BuildTimeout, VerbTimeout
from imagekit.errors import ApplianceError
from imagekit.process import PIPE, end, spawn

if TYPE_CHECKING:
    from collections.abc import Callable

WORKER = Path(__file__).with_name("worker.py")


class VerbRefused(ApplianceError):
    """The binding raised: its text, as it is, for the caller to translate."""

    code = "IK-APP-006"

    def __init__(self, verb: str, text: str, type_name: str) -> None:
        self.verb = verb
        self.text = text
        self.type_name = type_name
        super().__init__(f"the appliance refused {verb}", why=text.strip())


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode("ascii")}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["b"]) if set(value) == {"b"} else {k: _decode(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_decode(item) for item in value]
    return value


class Channel:
    """A worker process and the pipe to it.

    Args:
        interpreter: a Python that can import guestfs.
        log: where the worker's and qemu's own output goes.
        until: ``time.monotonic()`` at which the whole build must have ended, or None.
        fault: asked when the worker is gone; returns the error that explains it, or None.
    """

    def __init__(
        self,
        interpreter: str,
        log: Path,
        *,
        until: float | None = None,
        fault: Callable[[], Exception | None] = lambda: None,
    ) -> None:
        self._until = until
        self._fault = fault
        with log.open("ab") as stderr:
            self._child = spawn(
                [interpreter, "-I", WORKER],
                stdin=PIPE,
                stdout=PIPE,
                stderr=stderr.fileno(),
            )
        self._pending = b""

    @property
    def pid(self) -> int:
        """The worker's process id, which is its process group's too."""
        return self._child.pid

    def call(self, verb: str, *args: Any, deadline: float, **kwargs: Any) -> Any:
        """Send one request and wait for its answer, at most ``deadline`` seconds.

        Raises:
            VerbRefused: the binding raised.
            VerbTimeout, BuildTimeout: no answer in time; the worker and its qemu are gone.
            ApplianceDied: the worker ended.
        """
        request = {"verb": verb, "args": _encode(args), "kwargs": kwargs}
        try:
            pipe = self._child.stdin
            assert pipe is not None  # noqa: S101  it was asked for above
            pipe.write(json.dumps(request).encode("ascii") + b"\n")
            pipe.flush()
        except (BrokenPipeError, ValueError) as gone:
            raise self._death(verb) from gone
        reply = json.loads(self._line(verb, deadline))
        if "error" in reply:
            raise VerbRefused(verb, reply["error"], reply["type"])
        return _decode(reply["ok"])

    def _line(self, verb: str, deadline: float) -> bytes:
        """Read one line of the answer, or end the worker when time is up."""
        pipe = self._child.stdout
        assert pipe is not None  # noqa: S101  it was asked for in __init__
        limit = time.monotonic() + deadline
        last = min(limit, self._until) if self._until else limit
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(0.0, last - time.monotonic())):
                    self.kill()
                    raise BuildTimeout(verb) if last < limit else VerbTimeout(verb, deadline)
                chunk = pipe.read1(1 << 20)  # type: ignore[attr-defined]  # a BufferedReader
                if not chunk:
                    raise self._death(verb)
                self._pending += chunk
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _death(self, verb: str) -> Exception:
        """Say why the worker is gone: the fault that was seen, else the signal or status."""
        self.kill()
        status = self._child.returncode
        how = (
            f"its worker got {signal.Signals(-status).name}" if status < 0 else f"its worker left with status {status}"
        )
        return self._fault() or ApplianceDied(verb, how)

    def kill_group(self) -> None:
        """Signal the worker and its qemu without waiting; what a watching thread may do."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the worker, its qemu and whatever else is in their process group."""
        end(self._child)
