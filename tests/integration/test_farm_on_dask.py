"""One farm on a real scheduler and two real workers, one of which is killed on the way; the builds alone are phony."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from imagekit.farm.batching import batch
from imagekit.farm.distributed import NoSlots, dask_executor
from imagekit.farm.events import JobFinished, JobWentOn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.events import Event

HERE = Path(__file__).parent
DASK = Path(sys.executable).with_name("dask")
PATIENCE = 60.0
JOBS = 6


class Cluster:
    """Processes of Dask's own command line, on loopback."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        found = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(found))
        wait_for(lambda: found.exists() and found.read_text().endswith("}"))
        self.address = str(json.loads(found.read_text())["address"])

    def work(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a worker, which lives for as long as the scheduler does."""
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--death-timeout", "20", *words)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [DASK, *words, "--no-dashboard"],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(HERE), "DASK_TEMPORARY_DIRECTORY": str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def end(self) -> None:
        """End the workers, then the scheduler."""
        for process in reversed(self._processes):
            process.terminate()
        for process in reversed(self._processes):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def wait_for(met: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < until
        time.sleep(0.05)


def slots(address: str) -> int:
    try:
        with dask_executor(address) as (_, count):
            return count
    except NoSlots:
        return 0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "dask"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.end()


@pytest.fixture
def farm(tmp_path: Path) -> Path:
    folder = tmp_path / "farm"
    folder.mkdir()
    (folder / "web.yaml").write_text("transforms: [{hostname: '${{ site }}'}]\nvars: {site: none}\n")
    (folder / "a.img").write_bytes(bytes(4096))
    sites = ", ".join(f"s{number}" for number in range(JOBS))
    path = folder / "farm.yaml"
    path.write_text(
        f'images: [a.img]\nspecs: [web.yaml]\nmatrix: {{site: [{sites}]}}\noutput: "out/{{site}}{{suffix}}"\n'
    )
    return path


class Killer:
    """Listens to a farm; kills the first worker of which it hears, and lets all builds go on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.killed = 0
        self.ended: list[JobFinished] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, JobWentOn) and not self.killed and str(event.inner.get("text")).startswith("worker "):
            self.killed = int(str(event.inner["text"]).removeprefix("worker "))
            os.kill(self.killed, signal.SIGKILL)
            (self._folder / "go").touch()
        if isinstance(event, JobFinished):
            self.ended.append(event)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_is_killed_costs_nothing_but_time(
    cluster: Cluster, farm: Path, when: Literal["before", "after"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    from phony_build import work

    folder, killer = farm.parent, Killer(farm.parent)
    (folder / "wait").write_text(when)
    workers = [cluster.work("--resources", "appliance=1") for _ in range(2)]
    wait_for(lambda: slots(cluster.address) == 2)

    report = batch(farm, scheduler=cluster.address, on_event=killer, work=work)

    assert killer.killed in {worker.pid for worker in workers}
    assert (report.exit_status, report.at_a_time, report.count("done")) == (0, 2, JOBS)
    assert Counter((folder / "made").read_text().split()) == Counter(job.job.id for job in report.jobs)
    assert Counter(event.job for event in killer.ended) == Counter(job.job.id for job in report.jobs)
    begun = Counter(job.log.read_text().count('"AttemptStarted"') for job in report.jobs)
    # What was published before the worker was lost is recognised where it is run again, and not begun.
    assert begun == ({1: JOBS - 1, 2: 1} if when == "before" else {1: JOBS})
    assert sum(event.reused for event in killer.ended) == (0 if when == "before" else 1)


def test_workers_that_offer_no_appliance_are_no_slots(cluster: Cluster) -> None:
    cluster.work("--resources", "GPU=1")
    why = ""

    def known() -> bool:
        nonlocal why
        with pytest.raises(NoSlots) as refused, dask_executor(cluster.address):
            pass
        why = refused.value.why
        return refused.value.workers == 1

    wait_for(known)
    assert why == "of its 1 workers none offers the resource 'appliance'"
