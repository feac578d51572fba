from __future__ import annotations

from typing import ClassVar, Literal

import pytest
from pydantic import ValidationError

from imagekit.guest.facts import Facts
from imagekit.secret import Secret, SecretText
from imagekit.testing.memory import MemoryGuest
from imagekit.transform import Transform


class Plain(Transform):
    """Do nothing."""

    kind: Literal["plain"] = "plain"
    size: int = 0


class Named(Transform):
    """Do nothing to something."""

    main: ClassVar[str | None] = "name"
    kind: Literal["named"] = "named"
    name: SecretText


def test_a_transform_is_content_that_changes_nothing_the_second_time() -> None:
    plain = Plain()

    assert (plain.phase, plain.order, plain.opaque, plain.main) == ("content", 0, False, None)
    assert (plain.volatile, plain.needs_network, plain.resets) == (False, False, ())


def test_a_title_is_the_kind_and_its_main_field() -> None:
    assert Plain().title() == "plain"
    assert Named(name="web").title() == "named web"


def test_a_title_never_tells_a_secret() -> None:
    assert Named(name=Secret("password", "canary-4711")).title() == "named"


def test_facts_alone_show_no_problem_unless_a_kind_knows_better() -> None:
    assert list(Plain().check(Facts())) == []


def test_there_is_nothing_to_remark_unless_a_kind_knows_better() -> None:
    assert list(Plain().remarks(MemoryGuest())) == []


def test_a_kind_without_apply_is_unfinished() -> None:
    with pytest.raises(NotImplementedError):
        Plain().apply(MemoryGuest())


def test_a_transform_is_frozen_and_takes_no_unknown_field() -> None:
    with pytest.raises(ValidationError):
        Plain(sise=1)
    with pytest.raises(ValidationError):
        Plain().size = 2
    with pytest.raises(ValidationError):
        Plain(kind="other")


def test_a_transform_resets_all_that_it_says_and_is_the_same_beside_others_unless_a_kind_knows_better() -> None:
    assert Plain().partial is False
    assert Plain().beside({"named"}) == Plain()
