from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from imagekit import process
from imagekit.appliance import reseed, waking
from imagekit.appliance.waking import sleep_script, wake_script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOOLS = ("date", "mountpoint", "blockdev", "udevadm")
CODE = b"\x7fELF and so on"


@pytest.fixture
def woken(tmp_path: Path) -> Callable[..., tuple[process.Finished, list[str]]]:
    """``woken(date=1)``: run the script among disks sda, sdb and the root sdc; return how it ended and what it ran.

    Tools note their words and end with the status given here.
    """
    disks = {"sda": "8:0", "sdb": "8:16", "sdc": "8:32"}
    for name, number in disks.items():
        folder = tmp_path / "block" / name
        (folder / "device").mkdir(parents=True)
        (folder / "dev").write_text(f"{number}\n")

    def run(**statuses: int) -> tuple[process.Finished, list[str]]:
        (tmp_path / "bin").mkdir()
        for tool in (*TOOLS, "reseed"):
            path = tmp_path / "bin" / tool
            said = "echo 8:32" if tool == "mountpoint" else ":"
            path.write_text(f'#!/bin/sh\necho {tool} "$@" >>{tmp_path}/ran\n{said}\nexit {statuses.get(tool, 0)}\n')
            path.chmod(0o755)
        script = f"( {sleep_script(CODE)} )\n{wake_script()}"
        for name, place in (
            (f">{reseed.PROGRAM}", f">{tmp_path}/placed"),
            (f"700 {reseed.PROGRAM}", f"700 {tmp_path}/placed"),
            (reseed.PROGRAM, tmp_path / "bin" / "reseed"),
            ("/run/imagekit-root", tmp_path / "root"),
            ("/dev/urandom", tmp_path / "urandom"),
            ("/sys/block", tmp_path / "block"),
        ):
            script = script.replace(name, str(place))
        done = process.run(["sh", "-c", f"PATH={tmp_path}/bin:$PATH\n{script}"], check=False)
        return done, (tmp_path / "ran").read_text().splitlines()

    return run


def test_the_clock_comes_first_then_randomness_then_the_disks(
    woken: Callable[..., tuple[process.Finished, list[str]]], tmp_path: Path
) -> None:
    done, ran = woken()

    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    assert [line.partition(" ")[0] for line in ran] == [
        "mountpoint",  # before it falls asleep
        "date",
        "reseed",
        "blockdev",
        "blockdev",
        "udevadm",
    ]
    assert len((tmp_path / "urandom").read_bytes()) == 64
    assert (tmp_path / "placed").read_bytes() == CODE


def test_the_clock_is_set_to_the_hosts_to_the_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking.time, "time", lambda: 1_700_000_000.1239)

    assert "date -s @1700000000.124 " in wake_script()


def test_every_disk_but_the_root_is_looked_at_anew(
    woken: Callable[..., tuple[process.Finished, list[str]]], tmp_path: Path
) -> None:
    _, ran = woken()

    looked = [line for line in ran if line.startswith("blockdev")]
    assert looked == [f"blockdev --flushbufs --rereadpt /dev/{name}" for name in ("sda", "sdb")]
    assert sorted(path.parts[-3] for path in tmp_path.glob("block/*/device/rescan")) == ["sda", "sdb"]


def test_a_disk_without_partitions_is_no_failure(woken: Callable[..., tuple[process.Finished, list[str]]]) -> None:
    done, ran = woken(blockdev=1)

    assert done.status == 0
    assert ran[-1] == "udevadm settle"


@pytest.mark.parametrize("tool", ["date", "reseed"])
def test_a_clock_or_randomness_that_stays_old_is_a_failure(
    woken: Callable[..., tuple[process.Finished, list[str]]], tool: str
) -> None:
    done, ran = woken(**{tool: 1})

    assert done.status != 0
    assert not [line for line in ran if line.startswith("blockdev")]


def test_no_two_wakings_are_alike() -> None:
    first, second = wake_script(), wake_script()

    seeds = [re.findall(r"^printf '(\S+)'", script, re.MULTILINE) for script in (first, second)]
    assert seeds[0] != seeds[1]
    assert all(seeds)
