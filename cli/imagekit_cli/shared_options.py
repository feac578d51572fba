"""The options that every command takes, before its name or after it: declared once, added to each signature."""

import copy
import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from imagekit.engine.options import Options


def _print_version(value: bool) -> None:
    if value:
        from imagekit.engine.version import imagekit_version  # noqa: PLC0415  help must not pay for the engine

        typer.echo(f"imagekit {imagekit_version()}")
        raise typer.Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What was said on the command line that is not a command's own."""

    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Log every event, with its time.")] = False
    log_file: Annotated[
        Path | None, typer.Option("--log-file", metavar="FILE", help="Append the log to this file.")
    ] = None
    timings: Annotated[bool, typer.Option("--timings", help="Say at the end what took how long.")] = False
    key: Annotated[
        list[str],
        typer.Option("--key", metavar="DEVICE=file:PATH", help="Key of an encrypted device or UUID; may be repeated."),
    ] = field(default_factory=list)
    memory: Annotated[
        int | None, typer.Option("--memory", metavar="MIB", min=256, help="Memory of the appliance; 1024 unless said.")
    ] = None
    cpus: Annotated[
        int | None, typer.Option("--cpus", metavar="N", min=1, max=64, help="Processors of the appliance.")
    ] = None
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", min=1, help="How long the whole build may take.")
    ] = None
    no_network: Annotated[bool, typer.Option("--no-network", help="No step may use the network.")] = False
    proxy: Annotated[
        str | None, typer.Option("--proxy", metavar="URL", help="HTTP proxy for steps; never kept in the image.")
    ] = None
    allow_backing: Annotated[
        list[Path],
        typer.Option("--allow-backing", metavar="DIR", help="What images may build on; may be repeated."),
    ] = field(default_factory=list)
    cold: Annotated[
        bool, typer.Option("--cold", help="Boot the appliance, even where a saved one could be resumed.")
    ] = False
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False

    def options(self) -> "Options":
        """Return what the engine is told of how to carry out a build; its own defaults hold for the rest."""
        from imagekit.engine.options import Options  # noqa: PLC0415  help must not pay for the engine

        given = {"memory": self.memory, "cpus": self.cpus, "timeout": self.timeout, "proxy": self.proxy}
        return Options(
            network=not self.no_network,
            cold=self.cold,
            keys=tuple(self.key),
            allow_backing=tuple(self.allow_backing),
            **{name: value for name, value in given.items() if value is not None},
        )


_SHOWN_EVERYWHERE = frozenset({"json"})


def _parameters(*, hidden: bool) -> tuple[inspect.Parameter, ...]:
    """Return the fields as parameters; where hidden, a command's help leaves them to the help of all."""
    hints = get_type_hints(Common, include_extras=True)
    made = []
    for each in fields(Common):
        kind, option = hints[each.name].__origin__, copy.copy(hints[each.name].__metadata__[0])
        option.hidden = hidden and each.name not in _SHOWN_EVERYWHERE
        default = [] if each.default is MISSING else each.default
        made.append(
            inspect.Parameter(
                each.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
            )
        )
    return tuple(made)


def takes_common(function: Callable[..., int]) -> Callable[..., int]:
    """Add the common options to a command, which gets them as one value, ``common``."""
    return _extended(function, hidden=True)


def shows_common(function: Callable[..., int]) -> Callable[..., int]:
    """As ``takes_common``, and the help shows them."""
    return _extended(function, hidden=False)


def _extended(function: Callable[..., int], *, hidden: bool) -> Callable[..., int]:
    names = [each.name for each in fields(Common)]

    @functools.wraps(function)
    def extended(**values: Any) -> int:
        common = Common(**{name: values.pop(name) for name in names})
        return function(**values, common=common)

    signature = inspect.signature(function)
    own = [each for each in signature.parameters.values() if each.name != "common"]
    keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
    parameters = [*keyword, *_parameters(hidden=hidden)]
    extended.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    extended.__annotations__ = {each.name: each.annotation for each in parameters}
    return extended
