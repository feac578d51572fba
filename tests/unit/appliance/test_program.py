from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from imagekit import process
from imagekit.appliance import program
from imagekit.appliance.errors import ApplianceDied, StepTimeout, VerbTimeout
from imagekit.appliance.program import ENVIRONMENT, LONGEST_RUN, inner_script, outer_script, run_program
from imagekit.guest.errors import VerbFailed
from imagekit.guest.protocol import CommandResult
from imagekit.testing.contract.command import CommandContract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def program_line(argv: list[str], env: dict[str, str]) -> list[str]:
    """Return what the shell makes of the line that starts the program."""
    text = inner_script(argv, env, resolver=None, mark="$d/mark")
    start = text.index("env -i ")
    return shlex.split(text[start : text.rindex(" 2>&3")])


# The text of the scripts.
@given(st.lists(WORDS, min_size=1), st.dictionaries(st.from_regex(r"[A-Z_]{1,8}", fullmatch=True), WORDS))
def test_words_and_environment_pass_the_shell_as_they_are(argv: list[str], env: dict[str, str]) -> None:
    settings = [f"{name}={value}" for name, value in env.items()]

    assert program_line(argv, env) == ["env", "-i", *settings, "chroot", "/sysroot", *argv]


@given(WORDS)
def test_the_inner_script_is_one_word_of_the_outer_one(inner: str) -> None:
    words = shlex.split(outer_script(inner, network=False))

    assert words[words.index("sh") :][:3] == ["sh", "-c", f"{inner};"]


@pytest.mark.parametrize("network", [True, False])
def test_only_a_program_that_may_use_the_network_keeps_its_card(*, network: bool) -> None:
    words = shlex.split(outer_script("true", network=network))

    assert ("--net" in words) is not network
    assert {"--mount", "--pid", "--fork", "--kill-child", "--ipc"} <= set(words)


def test_names_are_resolved_through_a_mount_that_goes_with_the_namespace() -> None:
    text = inner_script(["true"], {}, resolver="/run/it's/resolv.conf", mark="$d/mark")

    assert "mkdir -p '/sysroot/run/it'\"'\"'s'" in text
    assert "mount --bind /etc/resolv.conf '/sysroot/run/it'\"'\"'s/resolv.conf'" in text


def test_without_network_nothing_is_made_for_names() -> None:
    assert "resolv.conf" not in inner_script(["true"], {}, resolver=None, mark="$d/mark")


# The scripts, run by a real shell; only what takes root is left out.
@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CommandResult]:
    scripts = {"unshare": 'while [ "$1" != sh ]; do shift; done; exec "$@"', "mount": "exit 0", "ip": "exit 1"}

    def run(*argv: str, env: dict[str, str] | None = None, **broken: str) -> CommandResult:
        for name, script in {**scripts, **broken}.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        inner = inner_script(argv, {**ENVIRONMENT, **(env or {})}, resolver=None, mark="$d/mark")
        text = outer_script(inner.replace(" chroot /sysroot ", " "), network=False)
        return program._result(process.run(["/bin/sh", "-c", text]).stdout)

    return run


@pytest.mark.parametrize("script", CommandContract.SCRIPTS)
def test_a_program_ends_as_the_contract_of_guests_says(ran: Callable[..., CommandResult], script: str) -> None:
    words = ["sh", "a b", "", "*", "$HOME", "-x", "é\n"]

    result = ran("/bin/sh", "-c", script, *words, env={"GREETING": "a 'b' \"c\" $d\n"})
    assert result == CommandContract.SCRIPTS[script]


def test_a_program_that_is_not_there_has_status_127(ran: Callable[..., CommandResult]) -> None:
    assert ran("/no/such/program").status == 127


def test_a_program_sees_its_own_environment_and_nothing_else(
    ran: Callable[..., CommandResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_THE_APPLIANCE", "x")
    seen = ran("/usr/bin/env", env={"MINE": "1", "LC_ALL": "C"}).text.splitlines()

    assert sorted(seen) == sorted(
        f"{name}={value}" for name, value in {**ENVIRONMENT, "MINE": "1", "LC_ALL": "C"}.items()
    )


def test_a_flood_of_output_keeps_its_last_mib(ran: Callable[..., CommandResult]) -> None:
    result = ran("/bin/sh", "-c", "head -c 1500000 /dev/zero; printf end")

    assert (len(result.output), result.output[-4:]) == (1 << 20, b"\0end")


def test_a_namespace_that_cannot_be_made_is_no_status_of_the_program(ran: Callable[..., CommandResult]) -> None:
    with pytest.raises(VerbFailed, match="could not prepare it: unshare: no"):
        ran("/bin/true", unshare="echo unshare: no; exit 1")


def test_a_mount_that_fails_is_no_status_of_the_program(ran: Callable[..., CommandResult]) -> None:
    with pytest.raises(VerbFailed, match="could not prepare it: mount: denied"):
        ran("/bin/true", mount="echo mount: denied >&2; exit 32")


# What comes back.
def encoded(output: bytes) -> str:
    return base64.b64encode(output).decode()


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (f"{encoded(b'out')}\n0\nran\n", CommandResult(0, b"out")),
        ("\n3\nran\n", CommandResult(3, b"")),
        (f"{encoded(bytes(range(256)))}\n255\nran\n", CommandResult(255, bytes(range(256)))),
    ],
)
def test_an_answer_is_output_status_and_mark(answer: str, result: CommandResult) -> None:
    assert program._result(answer) == result


@pytest.mark.parametrize("answer", ["", "\n", f"{encoded(b'sh: fork: out of memory')}\n\n", "not base64!\n0\nran\n"])
def test_an_answer_that_is_none_means_that_the_appliance_is_broken(answer: str) -> None:
    with pytest.raises(ApplianceDied, match="could not run it"):
        program._result(answer)


# A run over a session.
GOOD = f"{encoded(b'ok')}\n0\nran\n"


def run(session: Any, *argv: str, **options: Any) -> CommandResult:
    given = {"env": {}, "network": False, "timeout": None, "resolver": "/etc/resolv.conf", **options}
    return run_program(session, argv, **given)


def test_a_program_gets_the_minimal_environment_and_what_its_step_adds(session: Any) -> None:
    session.answers["script"] = GOOD

    assert run(session, "true", env={"LC_ALL": "C", "X": "1"}) == CommandResult(0, b"ok")
    (_, script) = session.calls[-1]
    assert {"LC_ALL=C", "X=1", "HOME=/root"} <= set(shlex.split(script.replace("'", " ")))
    assert "C.UTF-8" not in script


@pytest.mark.parametrize("network", [True, False])
def test_a_program_has_a_card_if_it_may_use_the_network_and_else_none(session: Any, *, network: bool) -> None:
    session.answers["script"] = GOOD
    run(session, "true", network=network, resolver="/run/x")

    assert (" --net " in session.calls[-1][1]) is not network


@pytest.mark.parametrize(("timeout", "deadline"), [(None, LONGEST_RUN), (2.5, 2.5)])
def test_a_program_may_take_as_long_as_its_step_says(session: Any, timeout: float | None, deadline: float) -> None:
    session.answers["script"] = GOOD
    run(session, "true", timeout=timeout)

    assert session.deadlines == [deadline]


def test_a_program_that_takes_too_long_is_named(session: Any) -> None:
    session.answers["script"] = VerbTimeout("debug", 5)

    with pytest.raises(StepTimeout) as late:
        run(session, "/usr/bin/apt-get", "update", timeout=5)
    assert (late.value.program, late.value.seconds) == ("/usr/bin/apt-get", 5)


def test_a_refusal_of_the_appliance_fails_the_command(session: Any, refused: Callable[[str], Exception]) -> None:
    session.answers["script"] = refused("debug: too big\n")

    with pytest.raises(VerbFailed, match=r"command: debug: too big$"):
        run(session, "true")


@pytest.mark.parametrize("where", ["argv", "env"])
def test_a_command_line_that_is_too_long_is_refused_before_it_is_sent(session: Any, where: str) -> None:
    long = "é" * 70_000

    with pytest.raises(VerbFailed, match="longer than 120 kB"):
        run(session, *(["echo", long] if where == "argv" else ["echo"]), env={"X": long} if where == "env" else {})
    assert session.calls == []


def test_no_program_is_no_command(session: Any) -> None:
    with pytest.raises(VerbFailed, match="no program is named"):
        run(session, network=True)

    assert session.calls == []


def test_words_that_are_no_text_are_refused_and_not_a_crash(session: Any) -> None:
    with pytest.raises(VerbFailed, match="no text"):
        run(session, "cat", "/etc/\udcff")


def test_a_place_for_names_that_was_made_for_the_run_goes_with_it(session: Any, turns: type[list[Any]]) -> None:
    session.answers["script"] = turns(["", GOOD, ""])
    run(session, "true", network=True, resolver="/etc/it's")

    assert [text for _, text in session.calls][::2] == [
        "[ -e '/sysroot/etc/it'\"'\"'s' ] && echo there; true",
        "rm -f '/sysroot/etc/it'\"'\"'s'",
    ]


def test_a_place_for_names_that_was_there_stays(session: Any, turns: type[list[Any]]) -> None:
    session.answers["script"] = turns(["there\n", GOOD])
    run(session, "true", network=True)

    assert session.answers["script"] == []


@pytest.mark.parametrize("options", [{"network": True, "resolver": "/run/x/resolv.conf"}, {"network": False}])
def test_nothing_is_asked_about_a_place_that_leaves_no_trace(session: Any, options: dict[str, Any]) -> None:
    session.answers["script"] = GOOD
    run(session, "true", **options)

    assert len(session.calls) == 1
