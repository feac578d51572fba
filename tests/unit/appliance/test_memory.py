from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.memory import KEPT, LOOKING, Remembering

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGES = ("write", "chmod", "mount_vfs", "umount_all", "rm_f", "sync", "a_verb_of_a_later_guestfs")


@pytest.fixture
def memory(session: Any) -> Remembering:
    session.answers |= {verb: [verb] for verb in (*LOOKING, *CHANGES, "script")}
    return Remembering(session)


@pytest.mark.parametrize("verb", sorted(KEPT))
def test_what_was_asked_once_is_not_asked_again(session: Any, memory: Remembering, verb: str) -> None:
    assert memory.call(verb, "/x") == memory.call(verb, "/x") == [verb]
    assert session.verbs() == [verb]


@pytest.mark.parametrize("other", [("lstatns", "/y"), ("pread", "/x"), ("lstatns", "/x", 1)])
def test_another_question_is_another_one(session: Any, memory: Remembering, other: tuple[Any, ...]) -> None:
    memory.call("lstatns", "/x")
    memory.call(*other)

    assert len(session.calls) == 2


def test_an_option_makes_another_question(session: Any, memory: Remembering) -> None:
    memory.call("glob_expand", "/*", directoryslash=False)
    memory.call("glob_expand", "/*", directoryslash=True)

    assert session.options == [{"directoryslash": False}, {"directoryslash": True}]


@pytest.mark.parametrize("change", CHANGES)
def test_after_any_other_verb_everything_is_asked_anew(session: Any, memory: Remembering, change: str) -> None:
    memory.call("lstatns", "/x")
    memory.call(change)
    memory.call("lstatns", "/x")

    assert session.verbs() == ["lstatns", change, "lstatns"]


@pytest.mark.parametrize("change", [lambda memory: memory.call("write"), lambda memory: memory.script("true")])
def test_a_change_that_fails_may_have_changed_something_too(
    session: Any, memory: Remembering, refused: Callable[[str], Exception], change: Callable[[Remembering], Any]
) -> None:
    session.answers |= {"write": refused("no space"), "script": refused("status 1")}
    memory.call("lstatns", "/x")
    with pytest.raises(VerbRefused):
        change(memory)
    memory.call("lstatns", "/x")

    assert session.verbs().count("lstatns") == 2


def test_after_a_script_everything_is_asked_anew(session: Any, memory: Remembering) -> None:
    memory.call("lstatns", "/x")
    memory.script("rm -rf /sysroot/x", deadline=3)
    memory.call("lstatns", "/x")

    assert (session.verbs(), session.deadlines[1]) == (["lstatns", "script", "lstatns"], 3)


def test_a_look_that_answers_by_a_file_of_the_host_is_asked_each_time_and_forgets_nothing(
    session: Any, memory: Remembering
) -> None:
    memory.call("lstatns", "/x")
    for _ in range(2):
        memory.call("ls0", "/x", "/bulk")
    memory.call("lstatns", "/x")

    assert session.verbs() == ["lstatns", "ls0", "ls0"]


def test_a_refusal_is_remembered_in_its_own_words(
    session: Any, memory: Remembering, refused: Callable[..., Exception]
) -> None:
    session.answers["lstatns"] = refused("No such file or directory", "lstatns")
    said = []
    for _ in range(2):
        with pytest.raises(VerbRefused) as none:
            memory.call("lstatns", "/x")
        said.append((none.value.verb, none.value.text, none.value.type_name))

    assert len(session.calls) == 1
    assert said[0] == said[1] == ("lstatns", "No such file or directory", "RuntimeError")


def test_a_long_answer_is_not_kept(session: Any, memory: Remembering) -> None:
    session.answers["pread"] = bytes(1 << 20)
    for _ in range(2):
        memory.call("pread", "/x", 1 << 20, 0)

    assert len(session.calls) == 2


def test_the_memory_has_a_limit(session: Any, memory: Remembering) -> None:
    for number in range(10_000):
        memory.call("lstatns", f"/{number}")
    memory.call("lstatns", "/9999")
    memory.call("lstatns", "/0")

    assert len(session.calls) == 10_001
