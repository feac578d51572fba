"""A session without an appliance: it answers each verb from a table, and keeps what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.channel import VerbRefused

if TYPE_CHECKING:
    from pathlib import Path


class FakeSession:
    """Answers of a session, by verb: a value, a function of the arguments, an exception, or a list of these in turn.

    A verb that is not in the table is refused, as the binding refuses what it cannot do.
    """

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.deadlines: list[float | None] = []
        self.options: list[dict[str, Any]] = []
        self.network = False

    def call(self, verb: str, *args: Any, deadline: float | None = None, **kwargs: Any) -> Any:
        self.calls.append((verb, *args))
        self.deadlines.append(deadline)
        self.options.append(kwargs)
        answer = self.answers.get(verb, VerbRefused(verb, f"{verb}: not in the table", "RuntimeError"))
        if isinstance(answer, Turns):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(*args)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def script(self, text: str, *, deadline: float | None = None) -> str:
        return str(self.call("script", text, deadline=deadline))

    def verbs(self) -> list[str]:
        return [verb for verb, *_ in self.calls]


class Turns(list[Any]):
    """Answers that are given one after the other."""


@pytest.fixture
def session(tmp_path: Path) -> FakeSession:
    return FakeSession(tmp_path)


@pytest.fixture
def turns() -> type[Turns]:
    return Turns


@pytest.fixture
def refused():
    """Make a refusal of the binding, with these words."""

    def make(text: str, verb: str = "verb") -> VerbRefused:
        return VerbRefused(verb, text, "RuntimeError")

    return make
