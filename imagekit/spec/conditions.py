"""``when``: on which guests a step runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from imagekit.guest.facts import Family, Init

if TYPE_CHECKING:
    from imagekit.guest.facts import Facts

_COMPARISON = re.compile(r"\s*(<=|>=|==|!=|=|<|>)?\s*([0-9]+(?:\.[0-9]+)*)\s*")
_SAME_ARCH = {"amd64": "x86_64", "arm64": "aarch64", "i386": "i686", "i486": "i686", "i586": "i686"}


def _as_tuple(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _as_texts(value: Any) -> Any:
    if any(isinstance(item, float) for item in _as_tuple(value)):
        raise ValueError("is a decimal number, and 22.10 would become 22.1; write it in quotes")
    return tuple(str(item) if type(item) is int else item for item in _as_tuple(value))


def _check_versions(value: tuple[str, ...]) -> tuple[str, ...]:
    for text in value:
        for part in text.split(","):
            if not _COMPARISON.fullmatch(part):
                raise ValueError(
                    f'"{part.strip()}" is no comparison of versions; write for example "12", ">=12" or ">=9,<10"'
                )
    return value


def same_arch(name: str) -> str:
    """Return an architecture as ``uname -m`` names it: ``amd64`` is ``x86_64``."""
    return _SAME_ARCH.get(name, name)


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_tuple, json_schema_input_type=str | list[str])]
Versions = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_texts, json_schema_input_type=str | int | list[str | int]),
    AfterValidator(_check_versions),
]
Families = Annotated[tuple[Family, ...], BeforeValidator(_as_tuple, json_schema_input_type=Family | list[Family])]
Inits = Annotated[tuple[Init, ...], BeforeValidator(_as_tuple, json_schema_input_type=Init | list[Init])]


class When(BaseModel):
    """The guests that a step is for: all that is said must hold, and of a list any one."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    family: Families = ()
    """Families of distributions, ``debian`` or ``[debian, alpine]``."""
    distro: Texts = ()
    """Distributions by the ID of os-release(5), ``ubuntu``."""
    version: Versions = ()
    """Comparisons with VERSION_ID of os-release(5), ``">=12"``; those joined by a comma must all hold. As many
    numbers are compared as the comparison has, so that ``"9"`` and ``"<=9"`` hold for 9.4."""
    arch: Texts = ()
    """Architectures as ``uname -m`` names them, ``x86_64``."""
    init: Inits = ()
    """Init systems, ``systemd``."""

    def matches(self, facts: Facts) -> bool:
        """Tell whether the step is for a guest of which this is known."""
        return not self.mismatch(facts)

    def mismatch(self, facts: Facts) -> str:
        """Return why the step is not for this guest, in a few words, or ""."""
        archs = tuple(same_arch(name) for name in self.arch)
        wanted = (("family", self.family), ("distro", self.distro), ("arch", archs), ("init", self.init))
        for name, values in wanted:
            found = getattr(facts, name)
            if values and found not in values:
                return f"for {name} {' or '.join(values)}; this is {found}"
        if self.version and not any(_holds(text, facts.version) for text in self.version):
            return f"for version {' or '.join(self.version)}; this is {facts.version or 'without a version'}"
        return ""


def _holds(comparisons: str, version: str) -> bool:
    return all(_compare(part, version) for part in comparisons.split(","))


def _compare(comparison: str, version: str) -> bool:
    """Compare a version with one bound, in as many numbers as the bound has; missing ones are 0."""
    found = _COMPARISON.fullmatch(comparison)
    if found is None or not version[:1].isdigit():
        return False
    bound = [int(part) for part in found[2].split(".")]
    numbers = [int(part) for part in re.findall(r"[0-9]+", version)]
    have = [*numbers, *[0] * len(bound)][: len(bound)]
    return {
        "<": have < bound,
        "<=": have <= bound,
        ">": have > bound,
        ">=": have >= bound,
        "!=": have != bound,
    }.get(found[1] or "=", have == bound)
