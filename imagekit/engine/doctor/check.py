"""One thing that was looked at on this host, and all of them together."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

State = Literal["ok", "warn", "fail"]


class Check(BaseModel):
    """One thing that the work needs, or is faster with."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    state: State
    """``fail``: the work cannot be done. ``warn``: it can, but slower, or not all of it."""
    detail: str
    """What was found."""
    fix: str = ""
    """The command that mends it; "" where nothing is to be mended, or no command can."""


class Diagnosis(BaseModel):
    """What doctor found, in the order in which it looked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    checks: tuple[Check, ...]

    @property
    def able(self) -> bool:
        """Whether this host can do the work at all."""
        return not any(check.state == "fail" for check in self.checks)
