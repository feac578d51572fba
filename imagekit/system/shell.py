"""Programs of the guest: how they are run, how their failure is told, files they need for a moment."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from imagekit.errors import ImagekitError, StepError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from imagekit.guest.protocol import CommandResult, Guest

_TAIL_LINES = 20
_SHORT = 4
"""Hidden values shorter than this are only hidden where they stand alone, lest every 1 of the output be starred."""


class CommandFailed(StepError):
    """A program of the guest ended with a status other than 0."""

    code = "IK-RUN-001"

    def __init__(self, title: str, status: int, output: str) -> None:
        self.title = title
        self.status = status
        self.output = output
        super().__init__(f"{title} ended with status {status}", why=output)


def redact(text: str, hidden: Iterable[str]) -> str:
    """Return the text with each hidden value replaced by ``***``, the longest first; values of several lines too."""
    pieces = {line.strip() for value in hidden for line in (value, *value.splitlines())}
    for piece in sorted(pieces - {""}, key=len, reverse=True):
        pattern = re.escape(piece)
        text = re.sub(pattern if len(piece) >= _SHORT else rf"(?<!\w){pattern}(?!\w)", "***", text)
    return text


def last_lines(output: str, count: int = _TAIL_LINES) -> str:
    """Return the last lines of what a program said, without the blank ones at the end."""
    return "\n".join(output.rstrip().splitlines()[-count:])


def run(
    guest: Guest,
    command: str | Sequence[str],
    *,
    title: str = "",
    env: Mapping[str, str] | None = None,
    hide_env: bool = True,
    network: bool = False,
    timeout: float | None = None,
    good: Container[int] = (0,),
) -> CommandResult:
    """Run a program of the guest to a good end.

    Args:
        guest: where it runs.
        command: an argv, or a line for the guest's /bin/sh.
        title: what an error calls it; the program's name if not given.
        env: added to the minimal environment.
        hide_env: keep the values of ``env`` out of errors; for those that are the author's own.
        network: whether it may reach the network.
        timeout: seconds; running into it ends the session.
        good: the statuses of a good end.

    Raises:
        CommandFailed: its status is another one.
    """
    argv = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
    result = guest.command(argv, env=env, network=network, timeout=timeout)
    if result.status not in good:
        said = last_lines(redact(result.text, (env or {}).values() if hide_env else ()))
        raise CommandFailed(title or argv[0], result.status, said)
    return result


@contextlib.contextmanager
def temporary_file(guest: Guest, path: str, content: str | bytes, mode: int) -> Iterator[str]:
    """Have a root-owned file in the guest for as long as the block runs; it is erased on any way out."""
    guest.write(path, content)
    guest.chmod(mode, path)
    with removing(lambda: guest.erase(path)):
        yield path


@contextlib.contextmanager
def temporary_folder(guest: Guest, path: str) -> Iterator[str]:
    """Have an empty folder in the guest, mode 0755, for as long as the block runs; what was there before is removed."""
    guest.rm_rf(path)
    guest.mkdir_p(path)
    with removing(lambda: guest.rm_rf(path)):
        yield path


@contextlib.contextmanager
def set_aside(guest: Guest, path: str) -> Iterator[None]:
    """Have nothing at a path for as long as the block runs; a file or link that was there is put back as it was."""
    if not (guest.exists(path) or guest.is_symlink(path)):
        yield
        return
    kept = f"{path}.imagekit"
    guest.mv(path, kept)
    with removing(lambda: guest.mv(kept, path)):
        yield


@contextlib.contextmanager
def removing(remove: Callable[[], None]) -> Iterator[None]:
    """Remove something after the block. If the block fails, that error is the one that counts."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(ImagekitError):
            remove()
        raise
    remove()
