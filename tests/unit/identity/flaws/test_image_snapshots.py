from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


def test_an_image_without_snapshots_is_clean(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("image-snapshots", clean) == []


def test_snapshots_are_counted(look: Callable[..., Any], debian: MemoryGuest) -> None:
    (one,), (two,) = look("image-snapshots", debian, snapshots=1), look("image-snapshots", debian, snapshots=2)

    assert (one.path, one.message) == ("", "the image holds an internal snapshot")
    assert two.message == "the image holds 2 internal snapshots"
