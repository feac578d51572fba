"""The command line as a function, and what the engine would have returned, so that no appliance is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from imagekit.engine.planning import PlanReport
from imagekit.guest.changes import Change, FileState
from imagekit.guest.facts import Facts
from imagekit.receipt import ApplianceRecord, IdentityRecord, ImageRecord, Receipt, StepRecord, Versions
from imagekit_cli.app import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command line ended: its exit status, and what stood on stdout and stderr."""

    status: int
    out: str
    err: str


class Run(Protocol):
    def __call__(self, *words: str | Path) -> Ran: ...


class FakeEngine:
    """Takes the place of one function of the library: keeps what it was called with, returns or raises."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.args: tuple[Any, ...] = ()
        self.kwargs: dict[str, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.args, self.kwargs = args, kwargs
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test write to the user's own folders, and none depend on the caller's terminal."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("NO_COLOR", "CI", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("plan", base, spec) -> Ran``."""

    def go(*words: str | Path) -> Ran:
        capsys.readouterr()
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return Ran(status, told.out, told.err)

    return go


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], FakeEngine]:
    """``engine("imagekit.engine.planning.plan", answer)``: have that function return or raise the answer."""

    def replace(name: str, answer: Any) -> FakeEngine:
        fake = FakeEngine(answer)
        monkeypatch.setattr(name, fake)
        return fake

    return replace


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A spec file that is right."""
    path = tmp_path / "spec.yaml"
    path.write_text("name: web\nvars: {site: paris}\ntransforms: [{hostname: '${{ site }}'}]\n")
    return path


FACTS = Facts(distro="debian", family="debian", version="12", name="Debian GNU/Linux 12 (bookworm)", arch="x86_64")


def state(**fields: Any) -> FileState:
    return FileState(**{"kind": "file", "mode": 0o644, "uid": 0, "gid": 0, **fields})


CHANGES = (
    Change(path="/etc/new", action="created", after=state(mode=0o600, uid=33, gid=33), diff="+++ b/etc/new\n+hello\n"),
    Change(path="/etc/link", action="created", after=state(kind="symlink", target="../new")),
    Change(path="/etc/mode", action="changed", before=state(), after=state(mode=0o640, gid=4)),
    Change(path="/etc/gone", action="removed", before=state()),
)
STEPS = (
    StepRecord(id="write-files", position=1, kind="write-files", title="write-files 4 files", phase="content", changes=CHANGES),
    StepRecord(id="run", position=2, kind="run", title="run true", phase="content", opaque=True, volatile=True, commands=1),
    StepRecord(id="packages", position=3, kind="packages", title="packages", phase="content", skipped="it is for rhel"),
)  # fmt: skip


@pytest.fixture
def plan_report() -> PlanReport:
    return PlanReport(base="base.qcow2", name="web", guest=FACTS, steps=STEPS)


@pytest.fixture
def receipt() -> Receipt:
    image = ImageRecord(name="base.qcow2", format="qcow2", size=1 << 20, virtual_size=2 << 30, sha256="0" * 64)
    return Receipt(
        versions=Versions(imagekit="1", libguestfs="1.48.6", python="3.11.2"),
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=72.0,
        base=image,
        spec={},
        guest=FACTS,
        steps=STEPS,
        identities=(
            IdentityRecord(id="machine-id", state="blank", returns="systemd makes one"),
            IdentityRecord(id="ssh-host-keys", state="present"),
        ),
        appliance=ApplianceRecord(accelerator="tcg", launch_seconds=9.0, memory=1024, cpus=1),
        output=image.model_copy(update={"name": "base.web.qcow2"}),
    )
