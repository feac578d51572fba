"""What several commands take: images, specs, and values for these."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagekit_cli.errors import BadUsage

if TYPE_CHECKING:
    from imagekit.spec import Spec as LoadedSpec

Base = Annotated[Path, typer.Argument(metavar="BASE", help="The image that goes in: qcow2 or raw. It is not changed.")]
Specs = Annotated[
    list[Path], typer.Argument(metavar="SPEC", help="YAML files; applied one after the other, as one spec.")
]
Set = Annotated[
    list[str], typer.Option("--set", metavar="VAR=VALUE", help="Value of a variable of the spec; may be repeated.")
]
Secret = Annotated[
    list[str],
    typer.Option(
        "--secret",
        metavar="NAME=SOURCE",
        help="Where a secret comes from: env:VAR, file:PATH or fd:N; may be repeated.",
    ),
]


def pairs(option: str, texts: Sequence[str], command: str) -> dict[str, str]:
    """Return what ``NAME=VALUE`` options say; the value itself is never repeated in an error.

    Raises:
        BadUsage: one has no ``=``, no name, or a name that was given before.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadUsage(f"{option} takes NAME=VALUE", command)
        if name in found:
            raise BadUsage(f"{option} {name} is given twice", command)
        found[name] = value
    return found


def load(specs: Sequence[Path], variables: Sequence[str], secrets: Sequence[str], command: str) -> "LoadedSpec":
    """Return the spec that files, variables and secrets make together.

    Raises:
        BadUsage: a ``--set`` or ``--secret`` is not of its form.
        SpecInvalid: with every problem.
    """
    from imagekit.spec import load_spec

    chosen, sources = pairs("--set", variables, command), pairs("--secret", secrets, command)
    return load_spec(*specs, variables=chosen, secrets=sources)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def age(option: str, text: str, command: str) -> float:
    """Return an age such as ``7d``, ``12h``, ``30m``, ``90s`` or ``2w`` in seconds.

    Raises:
        BadUsage: it is none.
    """
    number, unit = text[:-1], text[-1:]
    if not (number.isascii() and number.isdigit()) or unit not in _UNITS:
        raise BadUsage(f"{option} takes an age such as 7d, 12h or 30m, not {text!r}", command)
    return float(int(number) * _UNITS[unit])
