"""The contract of a transform: one declared change, its fields, and how it is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from imagekit.diagnostics import Problem
    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest

Phase = Literal["opening", "content", "closing"]


class Transform(BaseModel):
    """One declared change of a guest; a subclass is one kind, in a module of ``imagekit.transforms``.

    A subclass gives ``kind`` as a Literal with a default, its fields, a docstring whose first line ``transforms``
    prints, an ``example`` and ``apply``. It may override ``check``, the properties, and the class variables below.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    main: ClassVar[str | None] = None
    """The field that a spec may give alone: ``- hostname: web`` for ``- hostname: {name: web}``."""
    example: ClassVar[str] = ""
    """One item of a spec's ``transforms``, as YAML; shown in help and docs, and tested."""
    phase: ClassVar[Phase] = "content"
    """``opening`` runs before file systems are mounted, ``closing`` after all content, whatever the place in the spec."""
    order: ClassVar[int] = 0
    """Order among closing steps; equal ones keep the order of the spec."""
    opaque: ClassVar[bool] = False
    """The step runs guest programs, so what it changes is only known by looking."""

    kind: str

    @property
    def volatile(self) -> bool:
        """Whether a second run may change something again; the plan marks it ``~``."""
        return False

    @property
    def needs_network(self) -> bool:
        """Whether this step reaches the network while it runs."""
        return False

    @property
    def resets(self) -> tuple[str, ...]:
        """Ids of the identities that are blank after this step; they are looked at again at the end."""
        return ()

    @property
    def partial(self) -> bool:
        """Whether some of what it resets may stay, as ``remarks`` then say: what another step wrote, for one."""
        return False

    def beside(self, kinds: Collection[str]) -> Transform:  # noqa: ARG002
        """Return the transform as it is where steps of these kinds run on the same guest."""
        return self

    def title(self) -> str:
        """Return one short line for plans and progress, without secrets."""
        value = getattr(self, self.main) if self.main else None
        return f"{self.kind} {value}" if isinstance(value, str) else self.kind

    def check(self, facts: Facts) -> Iterator[Problem]:  # noqa: ARG002
        """Yield every problem that the facts alone can show; runs for all steps before any is applied."""
        return iter(())

    def remarks(self, guest: Guest) -> Iterator[str]:  # noqa: ARG002
        """Yield what the author should know of the result, as sentences without secrets; asked after ``apply``."""
        return iter(())

    def apply(self, guest: Guest) -> None:
        """Make the change; doing it twice changes nothing. Raise ``Problem`` if this guest does not fit."""
        raise NotImplementedError
