from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.keep import keeping_failed
from imagekit.errors import StepError
from imagekit.events import Event, Notice
from imagekit.images.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "overlay.qcow2").write_bytes(b"overlay")
    (folder / "overlay.qcow2").chmod(0o600)
    return Workspace(folder, folder, -1)


def kept(workspace: Workspace, output: Path, error: BaseException | None, *, wanted: bool) -> list[Event]:
    """Fail, or not, and return what the caller was told."""
    events: list[Event] = []
    try:
        with keeping_failed(workspace, output, wanted=wanted, on_event=events.append):
            if error:
                raise error
    except type(error or ZeroDivisionError):
        pass
    return events


def test_the_overlay_of_a_failed_build_is_kept_for_its_owner_and_can_be_opened(
    workspace: Workspace, tmp_path: Path
) -> None:
    output = tmp_path / "my web.qcow2"
    (notice,) = kept(workspace, output, StepError("x"), wanted=True)
    left = tmp_path / "my web.qcow2.failed.qcow2"

    assert left.read_bytes() == b"overlay"
    assert left.stat().st_mode & 0o777 == 0o600
    assert isinstance(notice, Notice)
    assert notice.text.endswith(f"guestfish --ro --format=qcow2 -a '{left}' -i")


@pytest.mark.parametrize(("error", "wanted"), [(StepError("x"), False), (None, True), (ZeroDivisionError(), True)])
def test_nothing_is_kept_unasked_or_of_a_build_that_did_not_fail(
    workspace: Workspace, tmp_path: Path, error: BaseException | None, *, wanted: bool
) -> None:
    assert kept(workspace, tmp_path / "web.qcow2", error, wanted=wanted) == []
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_a_build_that_failed_before_it_had_an_overlay_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.path / "overlay.qcow2").unlink()

    assert kept(workspace, tmp_path / "web.qcow2", StepError("x"), wanted=True) == []


def test_the_error_goes_on_its_way(workspace: Workspace, tmp_path: Path) -> None:
    with (
        pytest.raises(StepError, match="the reason"),
        keeping_failed(workspace, tmp_path / "x", wanted=True, on_event=lambda _: None),
    ):
        raise StepError("the reason")
