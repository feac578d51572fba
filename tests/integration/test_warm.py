"""A saved appliance: as good as one that boots, unlike any other that was resumed, and never the only way."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance import shim
from imagekit.appliance.disks import survey
from imagekit.appliance.opening import open_session
from imagekit.appliance.session import Disk, Settings
from imagekit.appliance.states import States
from imagekit.events import Event, Notice
from imagekit.images.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imagekit.appliance.session import Session

pytestmark = [pytest.mark.appliance]

LAYOUTS = ("mbr-ext4", "lvm", "btrfs", "luks")
FRESH = """\
head -c 32 /dev/urandom | od -An -tx1 -w32
truncate -s 4M /tmp/fs && mke2fs -q -F /tmp/fs && blkid -p -s UUID -o value /tmp/fs
cat /proc/sys/kernel/random/uuid
date +%s.%N
"""


@dataclass(frozen=True, slots=True)
class Start:
    """How a session began, and what was told on the way."""

    warm: bool
    seconds: float
    notices: list[str]
    until_fallback: float


@contextlib.contextmanager
def started(disks: tuple[Disk, ...], settings: Settings) -> Iterator[tuple[Session, Start]]:
    notices: list[str] = []
    began, told = time.monotonic(), [0.0]

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.text)
            told[0] = time.monotonic() - began

    with (
        Workspace.scratch() as workspace,
        open_session(disks, settings, workspace.runtime, guard=workspace, on_event=listen) as session,
    ):
        yield session, Start(session.warm, session.launch_seconds, notices, told[0])


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    path = tmp_path_factory.mktemp("disk") / "blank.img"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    return Disk(path, "raw")


@pytest.fixture(scope="module")
def saved(blank: Disk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of states in which one disk's is saved. Shared: never change it."""
    folder = tmp_path_factory.mktemp("cache") / "warm"
    with started((blank,), Settings(states=folder)) as (_, start):
        assert start.warm
        assert len(start.notices) == 1
        assert "saving an appliance" in start.notices[0]
    return folder


@pytest.fixture
def states(saved: Path, tmp_path: Path) -> States:
    """A copy of those states, made fit for use in its new place."""
    copy = tmp_path / "warm"
    shutil.copytree(saved, copy)
    for folder in list(copy.iterdir()):
        if folder.is_dir():
            States(copy).publish(folder.rename(copy / ".new-copy"), folder.name, "a copy")
    return States(copy)


def only(states: States) -> Path:
    (state,) = states.listed()
    return states[state.key]


# As good as one that boots, and unlike any other.
def test_no_two_resumes_draw_the_same_random_numbers_and_both_know_the_time(blank: Disk, saved: Path) -> None:
    seen = []
    for _ in range(2):
        with started((blank,), Settings(states=saved)) as (session, start):
            assert start.warm
            assert start.notices == []
            *drawn, clock = session.script(FRESH).splitlines()
            seen.append(drawn)
            assert abs(float(clock) - time.time()) < 5

    assert all(one and one != other for one, other in zip(*seen, strict=True))


def test_disks_and_what_is_on_them_have_the_same_names_warm_and_cold(layouts: dict[str, Any]) -> None:
    chosen = [layouts[name] for name in LAYOUTS]
    disks = tuple(
        Disk(layout.path, "raw" if layout.path.suffix == ".img" else "qcow2", readonly=True) for layout in chosen
    )
    keys = {"all": next(iter(layouts["luks"].key.values())).encode()}
    found = {}
    for warm in (True, False):
        with started(disks, Settings(warm=warm)) as (session, start):
            assert start.warm is warm
            devices = [session.call(verb) for verb in ("list_devices", "list_partitions")]
            found[warm] = (devices, survey(session, keys), session.call("lvs"), session.call("nr_devices"))

    assert found[True] == found[False]
    assert {f.type for f in found[True][1]} >= {"ext4", "LVM2_member", "btrfs", "crypto_LUKS"}


def test_what_a_resumed_session_writes_is_in_the_image_and_nowhere_else(blank: Disk, saved: Path) -> None:
    state = only(States(saved))
    before = {name: shim.identity(str(state / name)) for name in (shim.STATE, shim.ROOT)}
    with started((blank,), Settings(states=saved)) as (session, _):
        session.call("mkfs", "ext4", "/dev/sda")
        session.call("mount", "/dev/sda", "/")
        session.call("write", "/kept", b"kept")
        session.script("echo left >/left")
        session.shutdown()
    with started((blank,), Settings(states=saved)) as (session, _):
        session.call("mount", "/dev/sda", "/")

        assert bytes(session.call("read_file", "/kept")) == b"kept"
        assert session.script("[ -e /left ] || echo clean") == "clean"
    assert {name: shim.identity(str(state / name)) for name in before} == before


@pytest.mark.parametrize("settings", [{"cpus": 2, "memory": 768}, {"network": True}])
def test_another_machine_is_saved_for_itself(blank: Disk, states: States, settings: dict[str, Any]) -> None:
    with started((blank,), Settings(states=states.folder, **settings)) as (session, start):
        assert start.warm
        told = session.script("nproc; grep -c : /proc/net/dev").split()

    assert len(states.listed()) == 2
    assert told == [str(settings.get("cpus", 1)), "2" if "network" in settings else "1"]


# Never the only way.
def truncated(state: Path) -> None:
    os.truncate(state / shim.STATE, 1 << 20)


def copied(state: Path) -> None:
    shutil.copyfile(state / shim.ROOT, state / "other")
    (state / "other").rename(state / shim.ROOT)


def open_to_others(state: Path) -> None:
    state.chmod(0o755)


def overwritten(state: Path, *, at: int, count: int) -> None:
    """Put noise into the memory, and have it look as if it had been written so."""
    with (state / shim.STATE).open("r+b") as file:
        file.seek(at)
        file.write(os.urandom(count))
    states, key = States(state.parent), state.name
    states.publish(state.rename(state.parent / ".new-broken"), key, "broken")


def no_stream(state: Path) -> None:
    overwritten(state, at=0, count=4096)


def other_memory(state: Path) -> None:
    middle = (state / shim.STATE).stat().st_size // 8
    overwritten(state, at=middle, count=6 * middle)


@pytest.mark.parametrize("harm", [truncated, copied, open_to_others, no_stream, other_memory])
def test_a_state_that_is_not_whole_costs_a_boot_and_one_line(
    blank: Disk, states: States, harm: Callable[[Path], None]
) -> None:
    harm(only(states))
    with started((blank,), Settings(states=states.folder)) as (session, start):
        assert not start.warm
        assert session.call("list_devices") == ["/dev/sda"]

    (notice,) = start.notices
    assert "the saved appliance was not used" in notice
    assert start.until_fallback < 10
    assert states.listed() == ()


def test_a_shim_that_fails_costs_a_boot_and_one_line(
    blank: Disk, states: States, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shim, "__file__", str(tmp_path / "none.py"))
    with started((blank,), Settings(states=states.folder)) as (session, start):
        assert not start.warm
        assert session.call("list_devices") == ["/dev/sda"]

    (notice,) = start.notices
    assert "the saved appliance was not used" in notice


def test_a_folder_that_cannot_be_written_costs_a_boot_and_one_line(blank: Disk, tmp_path: Path) -> None:
    (tmp_path / "warm").write_text("no folder")
    with started((blank,), Settings(states=tmp_path / "warm")) as (_, start):
        assert not start.warm

    (notice,) = start.notices
    assert "no appliance was saved" in notice
