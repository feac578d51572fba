"""The child process that owns the libguestfs binding. Standard library and guestfs only.

It runs under whichever interpreter the binding was compiled for, takes one request a line on stdin (JSON), calls
guestfs, and answers one line on the pipe that stdout was. Bytes travel as ``{"b": base64}``; bulk data goes by
file. It never decides anything: deadlines, retries and errors are the parent's.

The binding ends the process on a non-string inside a list argument and on a wrong type in an optional string
(python/handle.c of libguestfs does not check the conversion), so every argument is checked here first.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any


def decode(value: Any) -> Any:
    """Turn what JSON can say into what the binding takes."""
    if isinstance(value, dict) and set(value) == {"b"}:
        return base64.b64decode(value["b"])
    if isinstance(value, list):
        return [decode(item) for item in value]
    return value


def encode(value: Any) -> Any:
    """Turn what the binding returns into what JSON can say."""
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    return value


def refuse_what_crashes(values: list[Any]) -> None:
    """Raise TypeError for arguments that would end the process inside the binding."""
    for value in values:
        if isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                raise TypeError("a list argument may hold text only")
            refuse_what_crashes(value)
        elif isinstance(value, str):
            value.encode("utf-8")
            if "\x00" in value:
                raise TypeError("text with a NUL character")
        elif not isinstance(value, (bool, int, bytes)):
            raise TypeError(f"an argument of type {type(value).__name__}")


class Worker:
    """One handle, and the requests that make sense on it."""

    def __init__(self) -> None:
        self.handle: Any = None

    def open(self, setup: dict[str, Any]) -> dict[str, str]:
        """Make the handle and say everything explicitly: nothing is taken from the environment."""
        import guestfs

        g = guestfs.GuestFS(python_return_dict=True, environment=False)
        g.set_backend("direct")
        g.set_backend_settings(setup["backend_settings"])
        g.set_hv(setup["hypervisor"])
        g.set_tmpdir(setup["tmpdir"])
        os.environ["TMPDIR"] = setup["tmpdir"]  # for supermin and qemu, which the library starts and does not tell
        os.environ["TERM"] = "dumb"  # it goes to the appliance's kernel, and a saved appliance fits only the same words
        g.set_cachedir(setup["cachedir"])
        g.set_memsize(setup["memory"])
        g.set_smp(setup["cpus"])
        g.set_network(setup["network"])
        g.set_recovery_proc(False)
        g.set_autosync(True)
        g.set_verbose(False)
        g.set_trace(False)
        for option, value in setup["qemu_options"]:
            g.config(option, value)
        for disk in setup["disks"]:
            g.add_drive(
                disk["path"],
                format=disk["format"],
                readonly=disk["readonly"],
                cachemode="writeback",
                discard=disk["discard"],
            )
        self.handle = g
        return {"version": self.version(), "binding": guestfs.__file__}

    def version(self) -> str:
        """Return the library's version as text."""
        v = self.handle.version()
        return "{major}.{minor}.{release}".format(**v)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out one request and return the reply."""
        try:
            verb, args, kwargs = request["verb"], decode(request["args"]), request["kwargs"]
            if verb == "open":
                return {"ok": self.open(args[0])}
            refuse_what_crashes([*args, *kwargs.values()])
            return {"ok": encode(getattr(self.handle, verb)(*args, **kwargs))}
        except Exception as error:
            return {"error": str(error), "type": type(error).__name__}


def main() -> None:
    """Serve requests until stdin ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    worker = Worker()
    for line in sys.stdin.buffer:
        replies.write(json.dumps(worker.answer(json.loads(line))) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
