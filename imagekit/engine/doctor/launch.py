"""The appliance really comes up, and with KVM if that works: found out by a launch, and remembered."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imagekit.appliance.accel import Host as KvmHost, Verdicts, cache_folder
from imagekit.appliance.hypervisor import find_qemu
from imagekit.appliance.opening import open_session
from imagekit.appliance.session import Disk, Settings
from imagekit.engine.doctor.check import Check
from imagekit.engine.opened import stage
from imagekit.errors import ImagekitError
from imagekit.events import Event, Notice
from imagekit.images.workspace import Workspace

if TYPE_CHECKING:
    from imagekit.engine.doctor.host import Host
    from imagekit.events import OnEvent

_DISK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Launch:
    """How a launch went: the accelerator and the seconds, or the reason why there was none.

    ``warm`` says whether a saved appliance was resumed, ``notices`` what was told on the way.
    """

    accelerator: Literal["kvm", "tcg"] | None = None
    seconds: float = 0.0
    reason: str = ""
    warm: bool = False
    notices: tuple[str, ...] = ()


Launcher = Callable[[Settings, "OnEvent"], Launch]


def launch(settings: Settings, on_event: OnEvent) -> Launch:
    """Forget what is known of KVM, start an appliance with an empty disk, and stop it; the verdict is kept anew."""
    notices: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.text)
        on_event(event)

    try:
        verdicts = Verdicts(cache_folder())
        verdicts.forget(KvmHost.here(find_qemu()))
        with (
            Workspace.scratch() as workspace,
            stage("start appliance", on_event, "KVM gets 30 s to show that it works"),
        ):
            disk = workspace.path / "empty.img"
            with disk.open("wb") as file:
                file.truncate(_DISK_BYTES)
            disks = (Disk(disk, "raw"),)
            with open_session(
                disks, settings, workspace.runtime, guard=workspace, verdicts=verdicts, on_event=listen
            ) as session:
                session.shutdown()
                return Launch(session.accelerator, session.launch_seconds, warm=session.warm, notices=tuple(notices))
    except ImagekitError as error:
        return Launch(reason=error.message)


def check_appliance(done: Launch) -> Check:
    """Did the appliance come up?"""
    if done.accelerator is None:
        fix = "libguestfs-test-tool" if done.reason else ""
        return Check(name="appliance", state="fail", detail=done.reason or "not tried", fix=fix)
    detail = f"came up in {done.seconds:.1f} s with {done.accelerator.upper()}"
    return Check(name="appliance", state="ok", detail=detail)


def check_warm(done: Launch, *, cold: bool) -> Check:
    """Do builds start at once, by resuming a saved appliance?"""
    if cold:
        return Check(name="warm start", state="ok", detail="not tried, since --cold was given")
    if done.warm:
        return Check(name="warm start", state="ok", detail=f"a saved appliance answers after {done.seconds:.1f} s")
    detail = done.notices[-1] if done.notices else "not tried"
    return Check(name="warm start", state="warn", detail=detail, fix="imagekit cache clear, then imagekit doctor")


def check_kvm(host: Host, done: Launch | None) -> Check:
    """Is work as fast as it could be? Without KVM an appliance is emulated, and guest programs run many times slower.

    Args:
        host: this host.
        done: how a launch went; None if none was tried.
    """
    slow = "so the appliance is emulated, which is slower"
    if not host.kvm.exists():
        fix = "modprobe kvm_intel || modprobe kvm_amd   (in a virtual machine: allow it nested virtualization)"
        return Check(name="KVM", state="warn", detail=f"there is no {host.kvm}, {slow}", fix=fix)
    if not os.access(host.kvm, os.R_OK | os.W_OK):
        fix = 'usermod -aG kvm "$USER"   (as root; then log in again)'
        return Check(name="KVM", state="warn", detail=f"this user may not open {host.kvm}, {slow}", fix=fix)
    if done is None:
        return Check(name="KVM", state="ok", detail=f"{host.kvm} can be opened; whether it works was not tried")
    if done.accelerator == "kvm":
        return Check(name="KVM", state="ok", detail="works")
    if done.accelerator == "tcg":
        detail = f"{host.kvm} is there, but no appliance comes up with it, {slow}"
        return Check(name="KVM", state="warn", detail=detail)
    return Check(name="KVM", state="warn", detail=f"{host.kvm} can be opened; nothing came up to try it with")
