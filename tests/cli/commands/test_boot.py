from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.booting.report import BootReport
from imagekit.errors import HostError
from imagekit.guest.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENGINE = "imagekit.engine.booting.boot"


def report(verdict: Any = "passed") -> BootReport:
    return BootReport(image="web.qcow2", guest=Facts(), firmware="bios", accelerator="tcg", verdict=verdict, seconds=1)


def test_two_clones_are_booted_with_seeds_unless_said(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(ENGINE, report())

    ran = run("boot", "web.qcow2", "--memory", "2048")

    assert ran.status == 0
    assert "web.qcow2" in ran.out
    assert {name: fake.kwargs[name] for name in ("clones", "seed", "same_hardware", "firmware", "timeout")} == {
        "clones": 2, "seed": True, "same_hardware": False, "firmware": "auto", "timeout": None
    }  # fmt: skip
    assert fake.kwargs["options"].memory == 2048


def test_every_option_gets_to_the_engine(run: Callable[..., Any], engine: Callable[..., Any], tmp_path: Path) -> None:
    fake = engine(ENGINE, report())

    run(
        "boot", "web.qcow2", "--clones", "3", "--no-seed", "--same-hardware", "--firmware", "uefi",
        "--boot-timeout", "90", "--keep-serial", tmp_path,
    )  # fmt: skip

    assert {name: fake.kwargs[name] for name in ("clones", "seed", "same_hardware", "firmware", "timeout")} == {
        "clones": 3, "seed": False, "same_hardware": True, "firmware": "uefi", "timeout": 90.0
    }  # fmt: skip
    assert fake.kwargs["keep_serial"] == tmp_path


@pytest.mark.parametrize(("verdict", "status"), [("passed", 0), ("failed", 5), ("undecided", 6)])
def test_the_verdict_is_the_exit_status(
    run: Callable[..., Any], engine: Callable[..., Any], verdict: str, status: int
) -> None:
    engine(ENGINE, report(verdict))

    assert run("boot", "web.qcow2").status == status


def test_with_json_the_report_is_the_one_document(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(ENGINE, report("failed"))

    assert BootReport.model_validate(json.loads(run("boot", "web.qcow2", "--json").out)) == report("failed")


def test_junit_goes_to_its_file_beside_the_table(
    run: Callable[..., Any], engine: Callable[..., Any], tmp_path: Path
) -> None:
    engine(ENGINE, report())

    ran = run("boot", "web.qcow2", "--junit", tmp_path / "boot.xml")

    assert "<testsuite " in (tmp_path / "boot.xml").read_text()
    assert "passed" in ran.out


def test_a_report_that_cannot_be_written_is_told(
    run: Callable[..., Any], engine: Callable[..., Any], tmp_path: Path
) -> None:
    engine(ENGINE, report())

    assert run("boot", "web.qcow2", "--junit", tmp_path / "no" / "boot.xml").status == 3


@pytest.mark.parametrize("words", [("--clones", "0"), ("--clones", "17"), ("--firmware", "coreboot")])
def test_what_makes_no_sense_is_wrong_usage(run: Callable[..., Any], words: tuple[str, str]) -> None:
    assert run("boot", "web.qcow2", *words).status == 2


def test_an_error_of_the_host_is_one_of_the_command(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(ENGINE, HostError("no firmware"))

    assert run("boot", "web.qcow2").status == 3
