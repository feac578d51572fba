from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.options import Options
from imagekit.farm import capacity as module
from imagekit.farm.capacity import Bound, Capacity, Need, at_a_time

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
GIB = 1 << 30
ONE = Need(cores=1, memory=GIB, disk=GIB)


@pytest.mark.parametrize(
    ("cores", "memory", "disk", "bound"),
    [
        (2, 64, 64, Bound(2, "cores")),
        (8, 4, 64, Bound(4, "memory")),
        (8, 64, 3, Bound(3, "disk")),
        (2, 2, 2, Bound(2, "cores")),
        (1.5, 64, 64, Bound(1, "cores")),
    ],
)
def test_what_there_is_least_of_binds(cores: float, memory: int, disk: int, bound: Bound) -> None:
    assert at_a_time(Capacity(cores, memory * GIB, disk * GIB), ONE) == bound


def test_one_job_always_runs() -> None:
    assert at_a_time(Capacity(0.5, 64 * GIB, 64 * GIB), ONE) == Bound(1, "cores")
    assert at_a_time(Capacity(8, 0, 64 * GIB), ONE) == Bound(1, "memory")


def test_disk_that_is_not_needed_does_not_bind() -> None:
    assert at_a_time(Capacity(2, 64 * GIB, 0), Need(1, GIB, 0)) == Bound(2, "cores")


@pytest.mark.parametrize("limit", ["cores", "memory", "disk"])
def test_a_bound_says_what_binds(limit: module.Limit) -> None:
    assert limit.removesuffix("s") in Bound(2, limit).words
    assert Bound(2, limit).words.startswith("2 at a time: ")


# What a job needs.
def test_a_job_needs_the_memory_of_its_appliance_and_of_what_runs_it() -> None:
    need = Need.of(Options(memory=1024, cpus=2), ())

    assert (need.cores, need.disk) == (2, 0)
    assert 1024 * MIB < need.memory < 1536 * MIB


def test_a_job_needs_the_disk_of_the_largest_image(tmp_path: Path) -> None:
    for name, size in (("small.img", 10 * MIB), ("large.img", 20 * MIB)):
        with (tmp_path / name).open("wb") as opened:
            opened.truncate(size)
    (tmp_path / "bad.img").write_bytes(b"")

    assert Need.of(Options(), tmp_path.iterdir()).disk == 20 * MIB


# What the host has.
def test_nothing_to_do_is_done_one_at_a_time(tmp_path: Path) -> None:
    assert module.on_this_host(tmp_path, Options(), ()) == Bound(1, "cores")
    assert module.on_this_host(tmp_path, Options(memory=1 << 40), (tmp_path / "none",)) == Bound(1, "memory")


def test_this_host_has_something_of_everything(tmp_path: Path) -> None:
    here = Capacity.here(tmp_path / "not" / "there" / "yet")

    assert min(here.cores, here.memory, here.disk) > 0


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A control group and the one above it, which this process seems to be in."""
    (tmp_path / "cgroup" / "pods" / "mine").mkdir(parents=True)
    (tmp_path / "own").write_text("1:name=systemd:/x\n0::/pods/mine\n")
    monkeypatch.setattr(module, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(module, "_OWN_CGROUP", tmp_path / "own")
    return tmp_path / "cgroup"


def test_the_quota_of_a_control_group_is_held_to(groups: Path) -> None:
    (groups / "pods" / "mine" / "cpu.max").write_text("50000 100000\n")

    assert Capacity.here(groups).cores == 0.5


def test_the_memory_of_a_control_group_above_is_held_to_but_for_pages_that_can_be_had_back(groups: Path) -> None:
    (groups / "pods" / "memory.max").write_text(f"{64 * MIB}\n")
    (groups / "pods" / "memory.current").write_text(f"{50 * MIB}\n")
    (groups / "pods" / "memory.stat").write_text(f"anon 1\ninactive_file {20 * MIB}\n")
    (groups / "pods" / "mine" / "memory.max").write_text("max\n")

    assert Capacity.here(groups).memory == 34 * MIB


def test_without_control_groups_the_host_counts(groups: Path) -> None:
    free = Capacity.here(groups)
    (groups.parent / "own").unlink()
    without = Capacity.here(groups)

    assert free.cores == without.cores
    assert without.memory > 0
