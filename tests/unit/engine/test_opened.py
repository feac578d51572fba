from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.layout import Layout, Mount, Mounted
from imagekit.engine import opened as module
from imagekit.engine.opened import checked, opened, stage
from imagekit.engine.options import BadKey, Options
from imagekit.errors import ImageError
from imagekit.events import Event, Notice, StageFinished, StageStarted
from imagekit.images.lock import ImageLocked, hold_exclusive, hold_shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.images.info import ImageInfo

LAYOUT = Layout("/dev/sda1", (Mount("/dev/sda1", "/dev/sda1", "ext4", "/"),), ())


# Stages.
def test_a_stage_is_told_when_it_begins_and_when_it_ended_well() -> None:
    events: list[Event] = []
    with stage("trim", events.append, "the root"):
        assert events == [StageStarted("trim", "the root")]

    (_, finished) = events
    assert isinstance(finished, StageFinished)
    assert finished.stage == "trim"
    assert finished.seconds >= 0


def test_a_stage_that_failed_has_not_ended_well() -> None:
    events: list[Event] = []

    with pytest.raises(ZeroDivisionError), stage("trim", events.append):
        raise ZeroDivisionError
    assert events == [StageStarted("trim", "")]


# A checked base.
@pytest.fixture
def _no_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "inspect_image", lambda image, allow_backing: (image, allow_backing))


def ignore(event: Event) -> None:
    pass


@pytest.mark.usefixtures("_no_check")
def test_a_base_is_held_so_that_others_may_read_and_none_may_replace_it(tmp_path: Path) -> None:
    image = tmp_path / "a.img"
    image.write_text("")
    options = Options(allow_backing=(tmp_path,))

    with checked(image, options, ignore) as info:
        assert info == (image, (tmp_path,))
        with hold_shared(image):
            pass
        with pytest.raises(ImageLocked), hold_exclusive(image):
            pass
    with hold_exclusive(image):
        pass


@pytest.mark.usefixtures("_no_check")
def test_a_base_that_will_be_replaced_is_held_alone(tmp_path: Path) -> None:
    image = tmp_path / "a.img"
    image.write_text("")

    with checked(image, Options(), ignore, exclusive=True), pytest.raises(ImageLocked), hold_shared(image):
        pass


@pytest.mark.usefixtures("_no_check")
def test_the_lock_goes_when_the_build_fails(tmp_path: Path) -> None:
    image = tmp_path / "a.img"
    image.write_text("")

    with pytest.raises(ZeroDivisionError), checked(image, Options(), ignore):
        raise ZeroDivisionError
    with hold_exclusive(image):
        pass


@pytest.mark.usefixtures("_no_check")
def test_a_link_to_a_base_holds_the_base(tmp_path: Path) -> None:
    (tmp_path / "a.img").write_text("")
    (tmp_path / "link").symlink_to("a.img")

    with (
        checked(tmp_path / "link", Options(), ignore),
        pytest.raises(ImageLocked),
        hold_exclusive(tmp_path / "a.img"),
    ):
        pass


@pytest.mark.parametrize("name", ["none.img", "x" * 300])
def test_a_base_that_is_not_there_is_the_images_fault(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError), checked(tmp_path / name, Options(), ignore):
        pass


# An open one.
@dataclass
class Road:
    """What was done, in order, on the way to an open image."""

    done: list[str]
    folder: Path
    fails: str = ""

    @property
    def path(self) -> Path:
        return self.folder

    @property
    def runtime(self) -> Path:
        return self.folder

    def step(self, name: str) -> None:
        self.done.append(name)
        if name == self.fails:
            raise ZeroDivisionError


@pytest.fixture
def road(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Road:
    made = Road([], tmp_path)

    @contextlib.contextmanager
    def session(disks: Any, settings: Any, runtime: Path, *, guard: Any, on_event: Any) -> Iterator[str]:
        (disk,) = disks
        assert (disk.path, disk.format, disk.readonly) == (tmp_path / "overlay.qcow2", "qcow2", False)
        assert (runtime, guard) == (tmp_path, made)
        made.step("launch")
        try:
            yield "session"
        finally:
            made.done.append("end")

    def layout(session: str, keys: dict[str, bytes], *, readonly: bool) -> Mounted:
        made.step(f"find {keys}")
        made.step(f"mount {'ro' if readonly else 'rw'}")
        return Mounted(LAYOUT, ("left /data out",))

    monkeypatch.setattr(module, "create_overlay", lambda info, path: made.step(f"overlay {path.name}"))
    monkeypatch.setattr(module, "open_session", session)
    monkeypatch.setattr(module, "open_layout", layout)
    monkeypatch.setattr(module, "ApplianceGuest", lambda session, *, proxy: ("guest", session, proxy))
    return made


@pytest.mark.parametrize("readonly", [True, False])
def test_an_image_is_opened_under_an_overlay_and_closed_again(road: Road, base: ImageInfo, *, readonly: bool) -> None:
    options = Options(proxy="http://proxy")
    events: list[Event] = []
    with opened(base, road, options.settings(network=False), options, events.append, readonly=readonly) as image:
        road.done.append("use")

    assert road.done == [
        "overlay overlay.qcow2",
        "launch",
        "find {}",
        f"mount {'ro' if readonly else 'rw'}",
        "use",
        "end",
    ]
    assert (image.info, image.layout, image.session) == (base, LAYOUT, "session")
    assert image.guest == ("guest", "session", "http://proxy")
    assert Notice("left /data out") in events
    stages = [event.stage for event in events if isinstance(event, StageFinished)]
    assert stages == ["start appliance", "find system"]


@pytest.mark.parametrize("step", ["find {}", "mount rw"])
def test_the_session_ends_when_the_system_cannot_be_opened(road: Road, base: ImageInfo, step: str) -> None:
    road.fails = step

    with (
        pytest.raises(ZeroDivisionError),
        opened(base, road, Options().settings(network=False), Options(), ignore),
    ):
        pass
    assert road.done[-1] == "end"


def test_a_key_that_cannot_be_read_is_told_before_anything_is_done(road: Road, base: ImageInfo) -> None:
    options = Options(keys=("/dev/sda2=nonsense",))

    with pytest.raises(BadKey), opened(base, road, options.settings(network=False), options, ignore):
        pass
    assert road.done == []


def test_keys_reach_the_search_for_the_system(road: Road, base: ImageInfo, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k\n")
    options = Options(keys=(f"/dev/sda2=file:{tmp_path}/key",))

    with opened(base, road, options.settings(network=False), options, ignore):
        assert "find {'/dev/sda2': b'k'}" in road.done
