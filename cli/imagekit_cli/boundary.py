"""The one error boundary: whatever ends a command becomes a text or a document, and an exit status."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from imagekit.errors import ImagekitError, Interrupted
from imagekit.signals import Terminated
from imagekit_cli.bug import write_bug_log
from imagekit_cli.errors import BadUsage, Bug, CannotWrite, Ended, UnknownOption
from imagekit_cli.output import emit_json_line, tell
from imagekit_cli.words import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

# Typer exports no root of its usage errors; this is the parent of BadParameter, whether typer brings click along or not.
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
_HAPPENED = "the run was ended before it was done"


def guarded(action: Callable[[], int], *, json: bool) -> int:
    """Carry out an action and return the exit status; nothing but that leaves here."""
    try:
        return action()
    except typer.Exit as done:
        return done.exit_code
    except BaseException as error:  # noqa: BLE001  this is the place where every error ends
        return _report(_known(error), json=json)


def _known(error: BaseException) -> ImagekitError:
    if isinstance(error, ImagekitError):
        return error
    if isinstance(error, _USAGE_ERROR):
        return _usage(error)
    if isinstance(error, KeyboardInterrupt):
        return Interrupted(_HAPPENED)
    if isinstance(error, Terminated):
        return Ended(_HAPPENED)
    return Bug(error, write_bug_log(error))


def _usage(error: Exception) -> BadUsage:
    """Say in our own way what typer found wrong with the words."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "imagekit"
    if hasattr(error, "possibilities"):
        option = str(getattr(error, "option_name", ""))
        known = [name for each in context.command.params for name in each.opts] if context else []
        return UnknownOption(option, command, nearest(option, known))
    sentence: str = error.format_message()  # type: ignore[attr-defined]  # typer's own base class has it
    return BadUsage(sentence[:1].lower() + sentence[1:].rstrip("."), command)


def _report(error: ImagekitError, *, json: bool) -> int:
    with suppress(CannotWrite):  # nobody can be told any more; the exit status still tells
        if json:
            emit_json_line({"error": error.document()})  # one line: it may end a stream of them
        else:
            tell(drawn(error), sys.stderr)
    return error.exit_status


def drawn(error: ImagekitError) -> str:
    """Return an error as text: what happened, why, and what to do; a spec's problems on the author's own lines."""
    diagnostics = getattr(error, "diagnostics", ())
    if diagnostics:
        return f"{error}\n\n{error.message}"
    lines = [f"error {error.code}  {error.message}"]
    lines += [f"  why:  {error.why}"] if error.why else []
    lines += [f"  fix:  {error.fix}"] if error.fix else []
    return "\n".join(lines)
