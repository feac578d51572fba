"""The run transform."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from imagekit.secret import SecretText
from imagekit.system import shell
from imagekit.system.fields import GuestPath, text_of
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Line = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Argv = Annotated[tuple[str, ...], Field(min_length=1)]

_LONGEST_TITLE = 60


class Run(Transform):
    """Run a command in the guest: a shell line, an argv list, or a script with its shebang."""

    main: ClassVar[str | None] = "command"
    example: ClassVar[str] = "run: {command: 'locale-gen', creates: /usr/lib/locale/locale-archive}"
    opaque: ClassVar[bool] = True

    kind: Literal["run"] = "run"
    command: Line | Argv
    """A line for the guest's /bin/sh; a list, run as it is; or a script whose first line begins with ``#!``."""
    creates: GuestPath | None = None
    """Do nothing if this path is there: it says that the work is done."""
    env: dict[EnvName, SecretText] = Field(default_factory=dict)
    """Variables added to the minimal environment; their values are kept out of every error."""
    network: bool = False
    """Whether the command may reach the network."""
    timeout: Annotated[float, Field(gt=0)] | None = None
    """Seconds after which the build is given up."""

    @property
    def volatile(self) -> bool:
        """Whether a second run does the work again: it does unless a path says that it is done."""
        return self.creates is None

    @property
    def needs_network(self) -> bool:
        """Whether the command may reach the network."""
        return self.network

    def title(self) -> str:
        """Return the first line of the command, or its program."""
        words = self.command if isinstance(self.command, str) else self.command[0]
        first = words.strip().splitlines()[0]
        return f"run {first if len(first) <= _LONGEST_TITLE else first[: _LONGEST_TITLE - 1] + '…'}"

    def apply(self, guest: Guest) -> None:
        """Run the command, unless what it creates is there. Raise CommandFailed if its status is not 0."""
        if self.creates and guest.exists(self.creates):
            return
        if isinstance(self.command, str) and self.command.startswith("#!"):
            self._run_script(guest, self.command)
        else:
            self._run(guest, self.command)

    def _run_script(self, guest: Guest, script: str) -> None:
        # The root folder is the one place that every guest has, and that is never mounted noexec.
        path = f"/.imagekit-run-{secrets.token_hex(8)}"
        with shell.temporary_file(guest, path, script, 0o700):
            self._run(guest, (path,))

    def _run(self, guest: Guest, command: str | tuple[str, ...]) -> None:
        shell.run(
            guest,
            command,
            title=self.title(),
            env={name: text_of(value) for name, value in self.env.items()},
            network=self.network,
            timeout=self.timeout,
        )
