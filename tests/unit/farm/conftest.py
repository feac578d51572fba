"""Jobs and tasks in a folder of their own, and a work that makes outputs with receipts as a real job does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.farm.job import Job, Outcome, Task
from imagekit.images.publish import receipt_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MORNING = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)


def write_output(output: Path, inputs: str, *, content: bytes = b"image", started: datetime = MORNING) -> None:
    """Write an output and then its receipt, with as much of one as decides whether it is finished."""
    output.write_bytes(content)
    record = {
        "inputs": inputs,
        "started": started.isoformat(),
        "output": {"name": output.name, "size": len(content), "sha256": "cafe"},
    }
    receipt_beside(output).write_text(json.dumps(record))


@pytest.fixture(name="write_output")
def _write_output() -> Callable[..., None]:
    """``write_output(output, inputs, content=b"image", started=…)``: an output with its receipt."""
    return write_output


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    """``make_job(name, **fields)``: a job whose output is ``<name>.qcow2`` in the test's folder."""

    def make(name: str = "base-web", **fields: Any) -> Job:
        paths = {"image": tmp_path / "base.qcow2", "spec": tmp_path / "web.yaml", "output": tmp_path / f"{name}.qcow2"}
        return Job.model_validate({"id": name, **paths, **fields})

    return make


@pytest.fixture
def make_task(tmp_path: Path, make_job: Callable[..., Job]) -> Callable[..., Task]:
    """``make_task(name, **fields)``: the task of such a job; its inputs are ``in-<name>``."""

    def make(name: str = "base-web", **fields: Any) -> Task:
        own = {"job": make_job(name), "inputs": f"in-{name}", "log": tmp_path / f"{name}.jsonl"}
        return Task.model_validate({**own, "stop": tmp_path / "stop", **fields})

    return make


@pytest.fixture
def make_outcome() -> Callable[..., Outcome]:
    """``make_outcome(**fields)``: how a job ended that began in the morning; well, if nothing else is said."""

    def make(job: str = "base-web", **fields: Any) -> Outcome:
        return Outcome.model_validate({"job": job, "state": "done", "started": MORNING, **fields})

    return make


class Maker:
    """A work that makes outputs in no time, and counts how often it made each; a finished one it leaves alone."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, task: Task) -> Outcome:
        """Make the output of a task, unless it is finished."""
        if receipt_beside(task.job.output).exists():
            return self._done(task, reused=True)
        self.made.append(task.job.id)
        write_output(task.job.output, task.inputs)
        return self._done(task, reused=False)

    def _done(self, task: Task, *, reused: bool) -> Outcome:
        return Outcome(
            job=task.job.id, state="done", started=MORNING, attempt=task.attempt, reused=reused, sha256="cafe", size=5
        )


@pytest.fixture
def maker() -> Maker:
    """A work for a runner that counts what it made."""
    return Maker()
