"""Judgements on one identity, ``id``: sights are {path: mark}."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.booting.compare import CloneSight, Subject, compare, subject_of
from imagekit.identity.catalogue import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.booting.report import IdentityResult

SUBJECT = Subject("id", "an identity")
NEEDED = replace(SUBJECT, needed=True)


@pytest.fixture
def judged(sight: Callable[..., Any]) -> Callable[..., IdentityResult]:
    """``judged(image, clone, …)``: a clone is what it has after each boot, or after both."""

    def judge(image: dict[str, str], *clones: Any, subject: Subject = SUBJECT, **more: Any) -> IdentityResult:
        sights = []
        for number, clone in enumerate(clones, 1):
            first, second = clone if isinstance(clone, tuple) else (clone, clone)
            sights.append(
                CloneSight(
                    f"clone-{number}",
                    None if first is None else sight(first),
                    None if second is None else sight(second),
                )
            )
        return compare(subject, sight(image), tuple(sights), **more)

    return judge


def test_what_comes_back_differs_and_stays_is_proven(judged: Callable[..., IdentityResult]) -> None:
    result = judged({}, {"/a": "1"}, {"/a": "2"}, subject=NEEDED)

    assert (result.judgement, result.why, result.in_image) == ("proven", "", False)
    assert [mark.clone for mark in result.clones] == ["clone-1", "clone-2"]
    assert all(mark.first == mark.second != "" for mark in result.clones)


def test_what_the_image_holds_is_equal_in_all_and_is_named(judged: Callable[..., IdentityResult]) -> None:
    result = judged({"/a": "1"}, {"/a": "1"}, {"/a": "1"})

    assert (result.judgement, result.paths, result.in_image) == ("equal", ("/a",), True)
    assert "the image itself holds it" in result.why


def test_one_equal_path_of_many_is_enough(judged: Callable[..., IdentityResult]) -> None:
    result = judged({}, {"/a": "1", "/b": "2"}, {"/a": "3", "/b": "2"})

    assert (result.judgement, result.paths) == ("equal", ("/b",))
    assert "made at boot" in result.why


def test_one_clone_alone_is_held_against_the_image(judged: Callable[..., IdentityResult]) -> None:
    assert judged({"/a": "1"}, {"/a": "1"}).judgement == "equal"
    assert judged({"/a": "1"}, {"/a": "2"}).judgement == "proven"


def test_what_has_no_content_is_not_compared(judged: Callable[..., IdentityResult]) -> None:
    assert judged({"/a": ""}, {"/a": ""}, {"/a": ""}).judgement == "proven"


def test_with_the_same_hardware_what_is_equal_came_from_it(judged: Callable[..., IdentityResult]) -> None:
    result = judged({}, {"/a": "1"}, {"/a": "1"}, same_hardware=True)

    assert (result.judgement, result.hardware) == ("hardware", True)


def test_the_same_hardware_is_no_excuse_for_what_the_image_holds(judged: Callable[..., IdentityResult]) -> None:
    result = judged({"/a": "1"}, {"/a": "1"}, {"/a": "1"}, same_hardware=True)

    assert (result.judgement, result.hardware) == ("equal", False)


def test_a_clone_that_shows_its_own_hardware_is_proven_and_told(sight: Callable[..., Any]) -> None:
    clones = tuple(CloneSight(name, *([sight({"/a": name}, hardware=True)] * 2)) for name in ("1", "2"))

    result = compare(SUBJECT, sight({}), clones)

    assert (result.judgement, result.hardware) == ("proven", True)


@pytest.mark.parametrize("clones", [({}, {}), ({"/a": "1"}, {})])
def test_what_is_needed_and_did_not_come_back_is_missing(judged: Callable[..., IdentityResult], clones: Any) -> None:
    result = judged({}, *clones, subject=NEEDED)

    assert result.judgement == "missing"
    assert "did not come back" in result.why


def test_what_one_clone_has_and_another_lacks_is_missing_there(judged: Callable[..., IdentityResult]) -> None:
    result = judged({}, {"/a": "1"}, {})

    assert result.judgement == "missing"
    assert "not clone-2" in result.why


def test_what_no_clone_has_and_none_needs_is_unused(judged: Callable[..., IdentityResult]) -> None:
    assert judged({}, {}, {}).judgement == "unused"


@pytest.mark.parametrize("second", [{"/a": "9"}, {"/b": "1"}])
def test_what_the_second_boot_changes_or_moves_does_not_stay(
    judged: Callable[..., IdentityResult], second: dict[str, str]
) -> None:
    result = judged({}, ({"/a": "1"}, second), {"/a": "2"})

    assert (result.judgement, result.paths) == ("changed", ("/a",))


def test_what_a_boot_renews_on_purpose_may_change(judged: Callable[..., IdentityResult]) -> None:
    renewed = replace(SUBJECT, renewed=True)

    assert judged({}, ({"/a": "1"}, {"/a": "2"}), {"/a": "3"}, subject=renewed).judgement == "proven"


def test_residue_is_noted_and_held_against_nobody(judged: Callable[..., IdentityResult]) -> None:
    residue = replace(SUBJECT, judged=False)

    assert judged({"/a": "1"}, {"/a": "1"}, {"/a": "1"}, subject=residue).judgement == "noted"
    assert judged({}, ({"/a": "1"}, {}), {"/a": "2"}, subject=residue).judgement == "noted"


def test_what_only_a_seed_gives_is_not_asked_of_clones_without_one(judged: Callable[..., IdentityResult]) -> None:
    ungiven = replace(SUBJECT, ungiven=True)

    assert judged({}, {"/a": "1"}, {"/a": "1"}, subject=ungiven).judgement == "noted"
    assert judged({"/a": "1"}, {"/a": "1"}, {"/a": "1"}, subject=ungiven).judgement == "equal"


def test_clones_that_could_not_be_read_prove_nothing(judged: Callable[..., IdentityResult]) -> None:
    result = judged({}, (None, None), (None, None))

    assert (result.judgement, result.clones) == ("unread", ())


def test_a_clone_that_was_read_once_is_compared_by_that(judged: Callable[..., IdentityResult]) -> None:
    assert judged({}, ({"/a": "1"}, None), {"/a": "1"}).judgement == "equal"
    assert judged({}, ({"/a": "1"}, None), (None, None)).judgement == "proven"


def test_many_paths_are_told_in_short(judged: Callable[..., IdentityResult]) -> None:
    many = {f"/{number}": "1" for number in range(5)}

    assert "/0, /1, /2 and 2 more" in judged(many, many, many).why


def test_judged_is_what_the_catalogue_calls_an_error_and_resets_unasked() -> None:
    subjects = {item.id: subject_of(item, seeded=False) for item in load_catalogue()}

    assert all(subjects[name].judged for name in ("machine-id", "dbus-machine-id", "ssh-host-keys"))
    assert subjects["cloud-init-state"].ungiven
    assert not subjects["cloud-init-net"].judged
