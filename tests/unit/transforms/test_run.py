from __future__ import annotations

import pytest
from pydantic import ValidationError

from imagekit.guest.protocol import CommandResult
from imagekit.secret import Secret
from imagekit.system.shell import CommandFailed
from imagekit.testing.memory import MemoryGuest
from imagekit.transforms.run import Run


@pytest.fixture
def guest() -> MemoryGuest:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: 0)
    return guest


def test_a_line_is_run_by_the_guests_shell(guest: MemoryGuest) -> None:
    Run(command="echo a | wc").apply(guest)

    assert guest.commands[0].argv == ("/bin/sh", "-c", "echo a | wc")


def test_a_list_is_run_as_it_is(guest: MemoryGuest) -> None:
    Run(command=("touch", "a b")).apply(guest)

    assert guest.commands[0].argv == ("touch", "a b")


def test_a_script_is_run_by_its_interpreter_and_does_not_stay(guest: MemoryGuest, snapshot) -> None:
    script = "#!/usr/bin/env python3\nprint('hi')\n"
    seen = []
    guest.answer(lambda argv, _env: seen.append((guest.read_file(argv[0]), guest.lstat(argv[0]).mode)) or 0)

    Run(command=script).apply(guest)

    assert seen == [(script.encode(), 0o700)]
    assert snapshot(guest) == {}


def test_a_script_does_not_stay_if_it_fails(guest: MemoryGuest, snapshot) -> None:
    guest.answer(lambda _argv, _env: 3)

    with pytest.raises(CommandFailed):
        Run(command="#!/bin/sh\nexit 3\n").apply(guest)

    assert snapshot(guest) == {}


def test_nothing_runs_if_what_it_creates_is_there(guest: MemoryGuest) -> None:
    guest.add("/done", "")

    Run(command="false", creates="/done").apply(guest)

    assert guest.commands == []


def test_only_a_command_that_creates_something_is_not_volatile() -> None:
    assert Run(command="x").volatile
    assert not Run(command="x", creates="/done").volatile


def test_environment_and_network_reach_the_command(guest: MemoryGuest) -> None:
    step = Run(command="x", env={"A": "1", "B": Secret("hush", "pw")}, network=True, timeout=5)

    step.apply(guest)

    assert guest.commands[0].env == {"A": "1", "B": "hush"}
    assert guest.commands[0].network
    assert step.needs_network


def test_a_failure_tells_status_and_last_lines_but_no_value_of_the_environment(guest: MemoryGuest) -> None:
    guest.answer(lambda _argv, _env: CommandResult(4, b"using hush-hush\nno such thing\n"))

    with pytest.raises(CommandFailed) as caught:
        Run(command="deploy --all", env={"TOKEN": "hush-hush"}).apply(guest)

    assert caught.value.status == 4
    assert caught.value.message == "run deploy --all ended with status 4"
    assert caught.value.why == "using ***\nno such thing"


def test_the_title_is_one_short_line() -> None:
    assert Run(command="#!/bin/sh\nset -e\n").title() == "run #!/bin/sh"
    assert len(Run(command="x" * 200).title()) < 70


@pytest.mark.parametrize("fields", [{"command": ""}, {"command": []}, {"command": "x", "env": {"A B": ""}}])
def test_what_cannot_be_run_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Run.model_validate(fields)
