"""A build in a process of its own, everything on this host that belongs to it, and ways to break it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MARK = "IMAGEKIT_FAULT_TEST"
PROMISED_SECONDS = 5.0
"""Within which nothing of a run that was killed or interrupted is left."""
PATIENCE = 300.0
"""Until a build that neither ends nor goes on has failed its test; a launch under emulation may take a minute."""
PAUSE = 0.02

COMMAND = ("-c", "import sys; from imagekit_cli.app import main; sys.exit(main())", "customize", "-v", "--json")
SOCKETS = re.compile(r"[=,](/[^=,]*/libguestfs[^/=,]*)/guestfsd\.sock")
NOTHING: frozenset[str] = frozenset()

# Static programs for x86-64, as the small guests have none of their own: pause(2) for ever, and exit(3).
WAITER = bytes.fromhex("b822000000 0f05 ebf7")
FAILURE = bytes.fromhex("bf03000000 b83c000000 0f05")


def _program(code: bytes) -> bytes:
    """Return a program of one segment (elf(5)): the two headers, 64 and 56 bytes, and the code behind them."""
    start, size = 0x400000, 120 + len(code)
    numbers = [(0x3E0002, 4), (1, 4), (start + 120, 8), (64, 8), (0, 8), (0, 4), (64, 2), (56, 2), (1, 2), (0, 6)]
    segment = [(1, 4), (5, 4), (0, 8), (start, 8), (start, 8), (size, 8), (size, 8), (0x1000, 8)]
    body = b"".join(number.to_bytes(width, "little") for number, width in numbers + segment)
    return b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + body + code


def _readable(pid: int) -> tuple[bytes, str]:
    """Return a process's environment and command line; a zombie has neither."""
    try:
        folder = Path("/proc", str(pid))
        words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return (folder / "environ").read_bytes(), words
    except OSError:
        return b"", ""


class Build:
    """A build that runs, or ran; whoever started it ends it with ``close``.

    Every process of it inherits a mark in its environment, so that none is overlooked: janitor, worker, qemu and
    tools. A zombie counts as ended: whether somebody reaps it is not ours to say. The build's own process is not
    reaped before ``close``, as under a parent that never does.
    """

    def __init__(self, argv: Sequence[str | Path], folder: Path, output: Path, base: Path) -> None:
        self._mark = secrets.token_hex(8)
        self._base, self._before = base, self.digest(base)
        self._runtime = Path(tempfile.mkdtemp(prefix="ikf"))  # short, since sockets are made in it
        self._state, self._temporary = folder / "state", folder / "temporary"
        self._temporary.mkdir()
        self._stdout = folder / "stdout"
        self._sockets: set[Path] = set()
        self._seen, self._pending = "", b""
        self.output = output
        reading, writing = os.pipe()
        with self._stdout.open("wb") as stdout:
            self._child = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=writing,
                cwd=folder,
                env={
                    **os.environ,
                    MARK: self._mark,
                    "XDG_RUNTIME_DIR": str(self._runtime),
                    "XDG_STATE_HOME": str(self._state),
                    "TMPDIR": str(self._temporary),
                },
                # A shell that starts tests in the background has its children ignore SIGINT.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  a system call only
            )
        os.close(writing)
        self._stderr = reading
        self._alive = os.pidfd_open(self._child.pid)

    @staticmethod
    def digest(path: Path) -> str:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def said(self) -> str:
        """What it said on stderr so far; all of it, once it has ended."""
        while select.select([self._stderr], [], [], 0)[0] and self._listen(0):
            pass
        return self._seen

    @property
    def stdout(self) -> str:
        return self._stdout.read_text()

    @property
    def document(self) -> Any:
        """What ``--json`` printed."""
        return json.loads(self.stdout)

    def _listen(self, seconds: float) -> bool:
        """Take in what it says for so long, or a little less; False once nobody can say any more."""
        if not select.select([self._stderr], [], [], seconds)[0]:
            return True
        said = os.read(self._stderr, 65536)
        self._seen += said.decode(errors="replace")
        self.processes()
        return bool(said)

    def _give_up(self, what: str) -> None:
        pytest.fail(f"the build {what}; it said:\n{self._seen}\n{self.stdout}")

    def until(self, words: str) -> str:
        """Wait until its progress holds these words, and return all that it said."""
        deadline = time.monotonic() + PATIENCE
        while words not in self._seen:
            if not self._listen(max(0.0, deadline - time.monotonic())):
                self._give_up(f"ended before {words!r}")
            if time.monotonic() > deadline:
                self._give_up(f"never came to {words!r}")
        return self._seen

    def let_run(self, seconds: float) -> None:
        """Let it go on for so long, or to its end."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._listen(left):
            pass

    def ended(self, seconds: float = PATIENCE) -> int:
        """Wait for its end and return its exit status, as a shell would say it."""
        deadline = time.monotonic() + seconds
        while not select.select([self._alive], [], [], 0)[0]:
            if time.monotonic() > deadline:
                self._give_up(f"did not end within {seconds:.0f} s")
            self._listen(PAUSE)
        info = os.waitid(os.P_PIDFD, self._alive, os.WEXITED | os.WNOWAIT)
        assert info is not None
        return info.si_status if info.si_code == os.CLD_EXITED else 128 + info.si_status

    def processes(self) -> dict[int, str]:
        """Return what runs of it: {process: command line}."""
        mark, found = f"{MARK}={self._mark}".encode(), {}
        for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            environment, words = _readable(pid)
            if mark in environment.split(b"\0"):
                found[pid] = words
                self._sockets |= {Path(folder) for folder in SOCKETS.findall(words)}
        return found

    def process(self, words: str) -> int:
        """Wait until it has a process with these words in its command line, and return which."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for pid, line in self.processes().items():
                if words in line:
                    return pid
            if not self._listen(PAUSE):
                break
        self._give_up(f"never had a process {words!r}")
        raise AssertionError

    def kill(self) -> None:
        """Kill its own process, as kill -9 does."""
        self.processes()
        os.kill(self.pid, signal.SIGKILL)
        select.select([self._alive], [], [])

    def _left(self, seconds: float) -> dict[int, str]:
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    descriptor = os.pidfd_open(pid)
                    select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
                    os.close(descriptor)
        return left

    def litter(self) -> list[str]:
        """Return what lies about in every folder that it worked in, its results aside."""
        results = {self.output.name, f"{self.output.name}.receipt.json"}
        found = [path for path in self.output.parent.iterdir() if path.name not in results]
        for folder in (self._runtime, self._temporary, self._state, *self._sockets):
            found += folder.rglob("*") if folder not in self._sockets else [folder] * folder.exists()
        return sorted(map(str, found))

    def check_clean(self) -> None:
        """Within the time that is promised nothing of it runs, nothing lies about, and the base is what it was."""
        left = self._left(PROMISED_SECONDS)

        assert left == {}
        assert self.litter() == []
        assert self.digest(self._base) == self._before

    def check_nothing_published(self) -> None:
        """As ``check_clean``, and there are neither output nor receipt."""
        self.check_clean()
        assert list(self.output.parent.iterdir()) == []

    def receipt(self) -> Any:
        """Return the receipt, or None."""
        path = self.output.with_name(f"{self.output.name}.receipt.json")
        return json.loads(path.read_text()) if path.exists() else None

    def check_output_is_whole(self) -> None:
        """The output is what the receipt describes; without a receipt it is at least a sound image."""
        receipt = self.receipt()
        if receipt:
            assert receipt["output"]["sha256"] == self.digest(self.output)
        elif self.output.exists():
            subprocess.run(["qemu-img", "check", "-q", "-f", "qcow2", self.output], check=True)

    def close(self) -> None:
        """End whatever of it still runs, as after a test that failed."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._child.kill()
        self._child.communicate()
        os.close(self._alive)
        os.close(self._stderr)
        for folder in (self._runtime, *self._sockets):
            shutil.rmtree(folder, ignore_errors=True)


class Start(Protocol):
    def __call__(
        self, spec: str, *options: str | Path, argv: Sequence[str | Path] = ..., output: Path | None = ...
    ) -> Build: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where specs lie, with the files that they may take: ``noise`` (30 MiB), ``waiter`` and ``failure``."""
    (tmp_path / "waiter").write_bytes(_program(WAITER))
    (tmp_path / "failure").write_bytes(_program(FAILURE))
    (tmp_path / "noise").write_bytes(os.urandom(30 << 20))
    (tmp_path / "results").mkdir()
    return tmp_path


@pytest.fixture
def base(layouts: dict[str, Any], folder: Path) -> Path:
    """A system of 64 MiB on a disk of its own, so that a build that damages it damages nothing else."""
    return Path(shutil.copy(layouts["mbr-ext4"].path, folder / "base.img"))


@pytest.fixture
def start(folder: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Build]]:
    """``start(spec, *options, image=, before=, script=) -> Build`` of ``results/out.qcow2``.

    ``before`` is put in front of the command, and ``script`` is a program in place of it, with the base, the spec,
    the output and the options as its arguments.
    """
    with contextlib.ExitStack() as stack:

        def begin(
            spec: str, *options: str, image: Path | None = None, before: Sequence[str] = (), script: str = ""
        ) -> Build:
            number = len(list(folder.glob("build-*")))
            own = folder / f"build-{number}"
            own.mkdir()
            file, output = folder / "spec.yaml", folder / "results" / "out.qcow2"
            file.write_text(spec)
            source = image or request.getfixturevalue("base")
            python = [*before, sys.executable]
            words = [*python, "-c", script, source, file, output, *options]
            if not script:
                words = [*python, *COMMAND, *options, "-o", output, source, file]
            build = Build(words, own, output, source)
            stack.callback(build.close)
            return build

        yield begin
