"""Open an image: checked, locked, under an overlay, in a session, mounted. All of it goes again."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.appliance.guest import ApplianceGuest
from imagekit.appliance.layout import Layout, open_layout
from imagekit.appliance.opening import open_session
from imagekit.appliance.session import Disk, Session, Settings
from imagekit.events import Notice, OnEvent, StageFinished, StageStarted
from imagekit.images.info import ImageInfo, inspect_image
from imagekit.images.lock import hold_exclusive, hold_shared
from imagekit.images.overlay import create_overlay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.engine.options import Options
    from imagekit.images.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Opened:
    """An open image."""

    info: ImageInfo
    overlay: Path
    session: Session
    layout: Layout
    guest: ApplianceGuest


@contextlib.contextmanager
def stage(name: str, on_event: OnEvent, detail: str = "") -> Iterator[None]:
    """Tell the caller that a stage begins and, if it ends well, how many seconds it took."""
    on_event(StageStarted(name, detail))
    began = time.monotonic()
    yield
    on_event(StageFinished(name, time.monotonic() - began))


@contextlib.contextmanager
def checked(image: Path, options: Options, on_event: OnEvent, *, exclusive: bool = False) -> Iterator[ImageInfo]:
    """Check an image without trusting it, and hold a lock on it; an exclusive one if it is to be replaced."""
    with contextlib.ExitStack() as stack:
        with stage("check image", on_event, str(image)):
            if os.path.exists(image):  # noqa: PTH110  Path.exists raises what may not be looked at
                hold = hold_exclusive if exclusive else hold_shared
                stack.enter_context(hold(image.resolve()))
            info = inspect_image(image, allow_backing=options.allow_backing)
        yield info


@contextlib.contextmanager
def opened(
    info: ImageInfo,
    workspace: Workspace,
    settings: Settings,
    options: Options,
    on_event: OnEvent,
    *,
    readonly: bool = False,
) -> Iterator[Opened]:
    """Open a checked image under an overlay in the workspace; the image itself is never written."""
    keys = options.read_keys()
    overlay = workspace.path / "overlay.qcow2"
    create_overlay(info, overlay)
    with contextlib.ExitStack() as stack:
        with stage("start appliance", on_event, "the longest wait without KVM"):
            disks = (Disk(overlay, "qcow2"),)
            launched = open_session(disks, settings, workspace.runtime, guard=workspace, on_event=on_event)
            session = stack.enter_context(launched)
        with stage("find system", on_event):
            mounted = open_layout(session, keys, readonly=readonly)
            for left_out in mounted.left_out:
                on_event(Notice(left_out))
        yield Opened(info, overlay, session, mounted.layout, ApplianceGuest(session, proxy=options.proxy))
