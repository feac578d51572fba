"""The ``imagekit`` command: find the command among the words, have it understood, and carry it out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer
from typer.main import get_command

from imagekit.signals import terminating
from imagekit_cli.boundary import guarded
from imagekit_cli.commands import (
    audit,
    batch,
    boot,
    cache,
    customize,
    doctor,
    inspect,
    plan,
    schema,
    seed,
    transforms,
    validate,
)
from imagekit_cli.errors import BadUsage, UnknownCommand
from imagekit_cli.shared_options import Common, shows_common, takes_common
from imagekit_cli.words import hoist, nearest, wants_json

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = (customize, plan, audit, boot, batch, inspect, seed, validate, schema, transforms, doctor, cache)
_HELP = ("-h", "--help")


def _about(*, common: Common) -> int:  # noqa: ARG001  it only lends its options to the help
    """Customize disk images offline: a declarative spec in, a whole new image out, or nothing.

    The options below may stand before a command or after it.
    """
    return 0


_EPILOG = """\b
Examples:
  imagekit customize base.qcow2 spec.yaml -o web.qcow2
  imagekit plan base.qcow2 spec.yaml --diff
  imagekit doctor
"""


def make_app() -> typer.Typer:
    """Return the typer application with every command."""
    app = typer.Typer(
        rich_markup_mode=None,
        add_completion=False,
        epilog=_EPILOG,
        context_settings={"help_option_names": list(_HELP)},
    )
    app.callback()(shows_common(_about))
    for module in COMMANDS:
        name = module.__name__.rpartition(".")[2]
        app.command(
            name,
            epilog=f"\b\n{module.EXAMPLES}\n\nThe options of all commands (imagekit --help) may stand here too.",
            context_settings={"help_option_names": list(_HELP)},
            no_args_is_help=False,
        )(takes_common(getattr(module, name)))
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status; never raises, never prints a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)

    def action() -> int:
        with terminating():
            return run(words)

    return guarded(action, json=wants_json(words))


def run(words: list[str]) -> int:
    """Carry out the command that the words ask for.

    Raises:
        BadUsage: they ask for none, or wrongly.
        ImagekitError: of the command.
        typer.Exit: help or the version was asked for, and printed.
    """
    group = get_command(make_app())
    flags = frozenset(name for each in group.params if getattr(each, "is_flag", False) for name in each.opts)
    every = frozenset(name for each in group.params for name in each.opts)
    words = hoist(words, flags | {*_HELP}, every - flags)
    if not words:
        raise BadUsage("say which command", "imagekit", why=f"there are {', '.join(group.commands)}")  # type: ignore[attr-defined]
    commands = group.commands  # type: ignore[attr-defined]  # a group of click has commands
    name = words[0]
    if name.startswith("-"):
        return _without_command(group, words)
    if name not in commands:
        raise UnknownCommand(name, nearest(name, commands))
    with commands[name].make_context(f"imagekit {name}", words[1:]) as context:
        return int(commands[name].invoke(context))


def _without_command(group: object, words: list[str]) -> int:
    """Carry out words that hold no command: help, the version, or a mistake."""
    with group.make_context("imagekit", words):  # type: ignore[attr-defined]  # as above
        raise BadUsage("say which command", "imagekit")
