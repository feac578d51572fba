from __future__ import annotations

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.farm.distributed import (
    Appliances,
    DaskMissing,
    NoSlots,
    SchedulerLost,
    SchedulerUnreachable,
    WorkersDiffer,
    dask_executor,
    differences_of,
    slots_of,
    versions_here,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = {"imagekit": "1.0", "Python": "3.11", "distributed": "2026.8.0"}


@pytest.mark.parametrize(
    ("workers", "slots"),
    [
        ({}, 0),
        ({"tcp://a": {"nthreads": 4}}, 0),
        ({"tcp://a": {"resources": {"GPU": 1.0}}}, 0),
        ({"tcp://a": {"resources": {"appliance": 2.0}}, "tcp://b": {"resources": {"appliance": 1.0, "GPU": 1.0}}}, 3),
    ],
)
def test_slots_are_what_workers_offer_of_appliances(workers: Mapping[str, Any], slots: int) -> None:
    assert slots_of(workers) == slots


def test_workers_of_the_same_versions_do_not_differ() -> None:
    assert differences_of(HERE, {"tcp://a": HERE, "tcp://b": HERE}) == ()


def test_each_other_version_is_told_once_with_the_first_worker_that_has_it() -> None:
    old = {**HERE, "imagekit": "0.9"}

    assert differences_of(HERE, {"tcp://c": old, "tcp://b": old, "tcp://a": {**HERE, "Python": "3.13"}}) == (
        "tcp://a has Python 3.13, here is 3.11",
        "tcp://b has imagekit 0.9, here is 1.0",
    )


def test_what_must_be_the_same_is_known_here() -> None:
    assert set(versions_here()) == set(HERE)
    assert all(versions_here().values())


@pytest.mark.parametrize(
    ("address", "wait", "reason"),
    [
        ("tcp://127.0.0.1:1", 0.3, "Timed out"),
        ("nowhere", 60, "missing port"),
        ("http://127.0.0.1:1", 60, "unknown address scheme"),
    ],
)
def test_an_address_where_nobody_answers_is_for_the_host(
    address: str, wait: float, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SchedulerUnreachable) as refused, dask_executor(address, wait=wait):
        pass

    assert (refused.value.address, refused.value.exit_status) == (address, 3)
    assert reason in refused.value.why
    assert "dask scheduler" in refused.value.fix
    assert capfd.readouterr() == ("", "")


def test_without_the_extra_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(DaskMissing, match="not installed") as refused, dask_executor("tcp://127.0.0.1:1"):
        pass

    assert "imagekit-guestfs[dask]" in refused.value.fix


def test_a_cluster_without_a_slot_is_told_how_to_have_one() -> None:
    assert "dask worker tcp://h:1 --nthreads 1 --resources appliance=1" in NoSlots("tcp://h:1", 2).fix
    assert NoSlots("tcp://h:1", 2).why == "of its 2 workers none offers the resource 'appliance'"
    assert NoSlots("tcp://h:1", 0).why == "it has no workers"


def test_workers_that_differ_are_told_all_at_once() -> None:
    assert WorkersDiffer("tcp://h:1", ("a has x", "b has y")).why == "a has x; b has y"


def test_the_log_of_dask_is_as_loud_afterwards_as_before() -> None:
    before = logging.getLogger("distributed.client").level

    with pytest.raises(SchedulerUnreachable), dask_executor("nowhere"):
        pass

    assert logging.getLogger("distributed.client").level == before


@pytest.mark.parametrize("status", ["connecting", "closed"])
def test_a_task_is_not_left_with_a_scheduler_that_is_gone(status: str) -> None:
    client = SimpleNamespace(status=status, get_executor=lambda **_: None)

    with pytest.raises(SchedulerLost, match="at tcp://h:1 is gone"):
        Appliances(client, "tcp://h:1").submit(print)


def test_each_task_takes_an_appliance_and_is_one_of_its_own() -> None:
    asked: list[dict[str, Any]] = []
    with ThreadPoolExecutor(1) as threads:
        client = SimpleNamespace(status="running", get_executor=lambda **how: (asked.append(how), threads)[1])
        done = Appliances(client, "tcp://h:1").submit(pow, 2, 3)

    assert done.result() == 8
    assert asked == [{"resources": {"appliance": 1}, "pure": False}]
