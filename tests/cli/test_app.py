from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from imagekit_cli.app import COMMANDS, make_app

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = [module.__name__.rpartition(".")[2] for module in COMMANDS]


@pytest.fixture(scope="module")
def group() -> Any:
    return get_command(make_app())


def examples(command: Any) -> list[list[str]]:
    lines = (line.strip() for line in command.epilog.splitlines())
    return [shlex.split(line.partition(" > ")[0])[1:] for line in lines if line.startswith("imagekit ")]


@pytest.mark.parametrize("words", [[name, flag] for name in NAMES for flag in ("-h", "--help")] + [["--help"], ["-h"]])
def test_every_help_is_a_result_with_an_example(run: Callable[..., Any], words: list[str]) -> None:
    ran = run(*words)

    assert (ran.status, ran.err) == (0, "")
    assert "Examples:\n" in ran.out
    assert "\n    imagekit " in ran.out


@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_understood(group: Any, name: str) -> None:
    command = group.commands[name]

    parsed = [command.make_context(name, words[1:]) for words in examples(command) if words[0] == name]

    assert len(parsed) == len(examples(command)) >= 1


def test_the_examples_of_all_are_understood(group: Any) -> None:
    assert [group.commands[words[0]].make_context(words[0], words[1:]).info_name for words in examples(group)] == [
        "customize",
        "plan",
        "doctor",
    ]


def test_help_before_a_command_is_the_help_of_that_command(run: Callable[..., Any]) -> None:
    assert run("--help", "plan") == run("plan", "--help")


@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"], ["customize", "--help"], ["--version"]])
def test_help_loads_neither_models_nor_engine(words: list[str]) -> None:
    code = f"import sys; from imagekit_cli.app import main; main({words!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    loaded = set(done.stderr.split())
    assert loaded & {"pydantic", "oslo_utils", "guestfs", "ruamel.yaml", "rich", "imagekit.transforms"} == set()
    assert "imagekit_cli.app" in loaded


def test_the_version_is_told(run: Callable[..., Any]) -> None:
    assert run("--version").out.startswith("imagekit ")
    assert run("plan", "--version").out.startswith("imagekit ")


def test_no_command_is_wrong_usage_and_lists_them(run: Callable[..., Any]) -> None:
    for words in ([], ["--json", "-v"], ["--memory", "512"], ["--", "plan"]):
        ran = run(*words)

        assert ran.status == 2
        assert "say which command" in ran.err + ran.out


def test_a_misspelt_command_gets_the_nearest_name(run: Callable[..., Any]) -> None:
    ran = run("custmize", "a.qcow2", "spec.yaml")

    assert ran.status == 2
    assert ran.err == ("error IK-USE-011  there is no command 'custmize'\n  fix:  did you mean: imagekit customize\n")


@pytest.mark.parametrize(
    ("words", "told", "fix"),
    [
        (["plan", "--ouput", "x"], "imagekit plan has no option --ouput", "did you mean: --output"),
        (["plan", "--ouput=x"], "imagekit plan has no option --ouput", "did you mean: --output"),
        (["--memry", "512", "plan"], "imagekit has no option --memry", "did you mean: --memory"),
        (["doctor", "--zzzzz"], "imagekit doctor has no option --zzzzz", "run: imagekit doctor --help"),
        (["doctor", "-x"], "imagekit doctor has no option -x", ""),
    ],
)
def test_a_misspelt_option_gets_the_nearest_name(
    run: Callable[..., Any], words: list[str], told: str, fix: str
) -> None:
    ran = run(*words)

    assert ran.status == 2
    assert told in ran.err
    assert fix in ran.err


def test_wrong_usage_is_a_document_with_json(run: Callable[..., Any]) -> None:
    ran = run("plan", "--json")

    error = json.loads(ran.out)["error"]
    assert (ran.status, ran.err, error["code"], error["exit_status"]) == (2, "", "IK-USE-010", 2)


@pytest.mark.parametrize("words", [["--memory", "512", "inspect", "x"], ["inspect", "x", "--memory=512"]])
def test_shared_options_stand_before_a_command_or_after_it(
    run: Callable[..., Any], engine: Callable[..., Any], words: list[str]
) -> None:
    fake = engine("imagekit.engine.inspecting.inspect", KeyboardInterrupt())

    assert run(*words).status == 130
    assert fake.kwargs["options"].memory == 512


@pytest.mark.parametrize(
    "words", [["--memory", "100"], ["--cpus", "0"], ["--timeout", "soon"], ["--memory"], ["--timeout", "0"]]
)
def test_a_value_that_cannot_be_is_wrong_usage(run: Callable[..., Any], words: list[str]) -> None:
    ran = run("inspect", "x", *words)

    assert ran.status == 2
    assert words[0] in ran.err
    assert "Traceback" not in ran.err
