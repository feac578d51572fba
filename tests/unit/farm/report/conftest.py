from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.farm.job import Job, Outcome
from imagekit.farm.report.model import Details, Entry, FarmPage, Passage, ReceiptFacts

if TYPE_CHECKING:
    from collections.abc import Callable

BEGAN = datetime(2026, 3, 1, 10, 2, 6, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>&\'\x1b[31m\u202e\x00\ud800'


@pytest.fixture
def outcome() -> Callable[..., Outcome]:
    """Make an outcome that begins ``at`` seconds after the farm, of which only what a test is about need be said."""

    def make(at: float = 0.0, seconds: float = 10.0, **fields: Any) -> Outcome:
        usual = {"job": "j", "state": "done", "host": "one", "started": BEGAN + timedelta(seconds=at)}
        return Outcome(**{**usual, "seconds": seconds, **fields})

    return make


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """Make a job by image, spec and values, of which only what a test is about need be said."""

    def make(number: int = 1, image: str = "debian", spec: str = "web", **fields: Any) -> Entry:
        values = fields.pop("values", {})
        name = "-".join([image, spec, *map(str, values.values())])
        job = Job(
            id=fields.pop("id", name),
            image=Path(f"/f/images/{image}.qcow2"),
            spec=Path(f"/f/{spec}.yaml"),
            values=values,
            output=Path(f"/f/out/{name}.qcow2"),
        )
        usual = {
            "state": "done",
            "image": f"images/{image}.qcow2",
            "spec": f"{spec}.yaml",
            "output": f"out/{name}.qcow2",
        }
        return Entry(number, job, **{**usual, **fields})

    return make


@pytest.fixture
def farm() -> Callable[..., FarmPage]:
    """Make a page of jobs."""

    def make(*entries: Entry, **fields: Any) -> FarmPage:
        usual = {"name": "web servers", "farm": "farm.yaml", "version": "0.1.0", "started": BEGAN, "seconds": 72.4}
        return FarmPage(**{**usual, "entries": entries, **fields})

    return make


@pytest.fixture
def full(farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]) -> FarmPage:
    """A farm with a job in every state, and with what hostile guests, logs and specs may say."""
    failed = {
        "state": "failed",
        "exit_status": 7,
        "code": "IK-RUN-002",
        "message": HOSTILE,
        "why": HOSTILE,
        "fix": HOSTILE,
    }
    details = Details(
        passages=(Passage("start appliance", 6.5), Passage(HOSTILE, 1.5, 3), Passage("run forever", None, 0)),
        tail=("10:02:06  attempt 2", HOSTILE),
        earlier=(outcome(0, 5, **failed),),
        receipt=ReceiptFacts((("guest", HOSTILE), ("steps", "5 steps, 15 changes")), (HOSTILE,)),
    )
    good = outcome(6, 40, sha256="ab" * 32, size=3 << 20, host=HOSTILE, attempt=2)
    rome, paris = {"site": "rome"}, {"site": HOSTILE}
    return farm(
        entry(
            1,
            "debian",
            values=paris,
            id=HOSTILE,
            outcome=good,
            attempt=2,
            link="out/a.qcow2.receipt.json",
            details=details,
        ),
        entry(2, "debian", values=rome, outcome=outcome(0, 0.1, reused=True), link="out/b.qcow2.receipt.json"),
        entry(
            3, HOSTILE.replace("/", ""), values=paris, state="failed", outcome=outcome(0, 5, **failed), details=details
        ),
        entry(4, "rocky", values=paris, state="interrupted", outcome=outcome(50, 5, state="interrupted")),
        entry(5, "rocky", values=rome, state="running"),
        entry(6, "alpine", values=paris, state="waiting"),
        entry(7, "alpine", values=rome, state="skipped"),
        name=HOSTILE,
        farm=HOSTILE,
    )
