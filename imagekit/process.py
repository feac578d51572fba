"""The only place that starts a process: argv lists, no shell, limits, a time-out, and no orphan."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

PIPE = subprocess.PIPE
"""For ``spawn``: make a pipe."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class ToolMissing(HostError):
    """A program that imagekit needs is not installed."""

    code = "IK-HOST-001"

    def __init__(self, tool: str) -> None:
        self.tool = tool
        super().__init__(f"{tool} is not installed on this host", fix="run: imagekit doctor")


class ToolFailed(HostError):
    """A program of the host failed, or took too long."""

    code = "IK-HOST-002"

    def __init__(self, tool: str, status: int | None, output: str) -> None:
        self.tool = tool
        self.status = status
        self.output = output
        how = "took too long and was ended" if status is None else f"failed with status {status}"
        last = output.strip().splitlines()[-1:] or [""]
        super().__init__(f"{tool} {how}", why=last[0])


@dataclass(frozen=True, slots=True)
class Limits:
    """What a tool may use at the most; None means no limit of ours.

    Attributes:
        seconds: wall clock until the process group is killed.
        memory: bytes of address space (RLIMIT_AS).
        cpu_seconds: processor time (RLIMIT_CPU).
        file_size: bytes of any file that it writes (RLIMIT_FSIZE).
    """

    seconds: float | None = None
    memory: int | None = None
    cpu_seconds: int | None = None
    file_size: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """How a tool ended: its status and what it said."""

    status: int
    stdout: str
    stderr: str


def tame(limits: Limits) -> Callable[[], None]:
    """Return what a child runs before exec: die with the parent, and live within the limits."""
    parent = os.getpid()

    def in_child() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for name, value in (
            (resource.RLIMIT_AS, limits.memory),
            (resource.RLIMIT_CPU, limits.cpu_seconds),
            (resource.RLIMIT_FSIZE, limits.file_size),
        ):
            if value is not None:
                hard = resource.getrlimit(name)[1]
                least = value if hard == resource.RLIM_INFINITY else min(value, hard)
                resource.setrlimit(name, (least, least))

    return in_child


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for tools: the caller's, in the C locale, without what would steer libguestfs or Python."""
    dropped = ("LIBGUESTFS_", "PYTHON", "LC_", "QEMU_")
    # GNU gettext lets LANGUAGE speak even in C.UTF-8, and what tools say is matched in English.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped) and k not in {"LANG", "LANGUAGE"}}
    return {**kept, "LC_ALL": "C.UTF-8", **(extra or {})}


def run(argv: Sequence[str | Path], *, limits: Limits | None = None, check: bool = True) -> Finished:
    """Run a tool to its end and return what it said.

    Raises:
        ToolMissing: the program is not there, or this user may not run it.
        ToolFailed: it failed (unless ``check`` is False) or ran into the wall clock limit.
    """
    words = [str(word) for word in argv]
    child = spawn(words, limits=limits, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with ending(child):
        try:
            out, err = child.communicate(timeout=limits.seconds if limits else None)
        except subprocess.TimeoutExpired as late:
            raise ToolFailed(Path(words[0]).name, None, "") from late
    done = Finished(child.returncode, out.decode(errors="replace"), err.decode(errors="replace"))
    if check and done.status != 0:
        raise ToolFailed(Path(words[0]).name, done.status, done.stderr or done.stdout)
    return done


def spawn(
    argv: Sequence[str | Path],
    *,
    limits: Limits | None = None,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    pass_fds: tuple[int, ...] = (),
    die_with_parent: bool = True,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a tool in a process group of its own; it dies with this process, whatever ends that.

    PR_SET_PDEATHSIG follows the thread that forks, so call this from a thread that lives as long as the tool may.
    Its environment is a clean one unless ``env`` says what it is.

    Raises:
        ToolMissing: the program is not there, or this user may not run it.
    """
    words = [str(word) for word in argv]
    try:
        return subprocess.Popen(
            words,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
            env=clean_environment() if env is None else env,
            start_new_session=True,
            preexec_fn=tame(limits or Limits()) if die_with_parent else None,  # noqa: PLW1509  system calls only
        )
    except (FileNotFoundError, NotADirectoryError, PermissionError) as missing:
        raise ToolMissing(words[0]) from missing


@contextlib.contextmanager
def ending(child: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End the child's whole process group on any way out that leaves it running."""
    try:
        yield child
    finally:
        end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the child's process group and reap the child."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # what was still to be written has no reader any more
                pipe.close()
