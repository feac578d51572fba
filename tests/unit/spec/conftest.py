"""Three tiny kinds, and a spec made of a text with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from imagekit.catalog import Catalog
from imagekit.diagnostics import Diagnostic, SpecInvalid
from imagekit.secret import SecretText
from imagekit.spec import Spec, parse_spec
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Greeting(Transform):
    """Say something."""

    main: ClassVar[str | None] = "text"
    kind: Literal["greeting"] = "greeting"
    text: SecretText
    """What is said. It may be long."""
    times: Annotated[int, Field(ge=1, le=9)] = 1
    loud: bool = False


class Person(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """How the person is called."""
    groups: tuple[str, ...] = ()
    shell: Literal["bash", "zsh"] | None = None
    contact: str | dict[str, int] | list[str] | None = None


class People(Transform):
    """Some people."""

    main: ClassVar[str | None] = "people"
    kind: Literal["people"] = "people"
    people: tuple[Person, ...]


class Plain(Transform):
    """Nothing to say."""

    kind: Literal["plain"] = "plain"


@pytest.fixture
def kinds() -> Catalog:
    return Catalog({"greeting": Greeting, "people": People, "plain": Plain})


@pytest.fixture
def parse(kinds: Catalog, tmp_path: Path) -> Callable[..., Spec]:
    """Return the spec of a text; what it names is in the test's own folder."""
    return lambda text, **more: parse_spec(text, "spec.yaml", **{"folder": tmp_path, "catalog": kinds, **more})


@pytest.fixture
def problems(parse: Callable[..., Spec]) -> Callable[..., tuple[Diagnostic, ...]]:
    """Return what is wrong with a text."""

    def wrong(text: str, **more: object) -> tuple[Diagnostic, ...]:
        with pytest.raises(SpecInvalid) as caught:
            parse(text, **more)
        return caught.value.diagnostics

    return wrong
