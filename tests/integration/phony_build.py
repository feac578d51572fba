"""A job of a farm without an appliance: everything is real but the build, which waits until it may go on.

Workers of a cluster import ``work`` from here; its child process is this file.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from imagekit.events import Notice
from imagekit.farm import attend as attending, child
from imagekit.farm.job import Task
from imagekit.images.publish import receipt_beside

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.events import OnEvent
    from imagekit.farm.job import Outcome

PATIENCE = 60.0
WAITS = {"before": "publishing", "after": "being believed"}


def work(task: Task) -> Outcome:
    """Attend to a task whose process is this file."""
    attending.child_command = lambda: [sys.executable, __file__]
    return attending.attend(task)


def build(task: Task, output: Path, on_event: OnEvent) -> Any:
    """Publish the name of the job, and count how often; wait for ``go`` before or after that, as ``wait`` says."""
    folder = output.parent.parent
    when = (folder / "wait").read_text(encoding="utf-8")
    if when == "before":
        wait(folder / "go", on_event)
    started, content = datetime.now(UTC), task.job.id.encode()
    with (folder / "made").open("a", encoding="utf-8") as made:
        made.write(f"{task.job.id}\n")
    output.write_bytes(content)
    image = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    receipt = {"inputs": task.inputs, "started": started.isoformat(), "output": image}
    receipt_beside(output).write_text(json.dumps(receipt), encoding="utf-8")
    if when == "after":
        wait(folder / "go", on_event)
    return SimpleNamespace(output=SimpleNamespace(**image))


def wait(path: Path, on_event: OnEvent) -> None:
    """Tell which worker this job has, and wait for a file."""
    on_event(Notice(f"worker {os.getppid()}"))
    until = time.monotonic() + PATIENCE
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.05)


def main() -> int:
    """Do as ``python -m imagekit.farm.child`` does."""
    task = Task.model_validate_json(sys.stdin.buffer.read())

    def made(_image: Path, _spec: object, *, output: Path, on_event: OnEvent, **_how: object) -> Any:
        return build(task, output, on_event)

    print(child.carry_out(task, build=made).model_dump_json())  # noqa: T201  its outcome
    return 0


if __name__ == "__main__":
    sys.exit(main())
