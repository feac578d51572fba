"""Open a session on some disks: a saved appliance if one can be had, else one that boots; nothing of it stays."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from imagekit.appliance.accel import KVM_LAUNCH_SECONDS, Host, Verdicts, cache_folder, device_usable
from imagekit.appliance.errors import LaunchFailed, LaunchTimeout
from imagekit.appliance.hypervisor import find_qemu
from imagekit.appliance.launching import Attempt, Bench, launch, patience
from imagekit.appliance.session import Nobody
from imagekit.appliance.warm import NO_KVM, Warmth
from imagekit.events import Notice, OnEvent, silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.appliance.accel import Accelerator
    from imagekit.appliance.session import Disk, Guard, Session, Settings


@contextlib.contextmanager
def open_session(
    disks: tuple[Disk, ...],
    settings: Settings,
    runtime: Path,
    *,
    guard: Guard | None = None,
    verdicts: Verdicts | None = None,
    on_event: OnEvent = silent,
) -> Iterator[Session]:
    """Start an appliance with these disks; nothing of it is left on any way out.

    Args:
        disks: host files, in the order in which they become /dev/sda, /dev/sdb …
        settings: memory, processors, network, deadlines, warm or not.
        runtime: a private folder with a short path, for sockets and bulk data; its owner removes it.
        guard: is told of every worker that runs, from its start to its end.
        verdicts: what is known of KVM; the user's cache by default.
        on_event: gets a Notice when emulation has to stand in for a KVM that does not work, when an appliance is
            saved for the next time, and when a saved one could not be used.

    Raises:
        BindingMissing, ToolMissing: this host lacks something.
        LaunchFailed, LaunchTimeout: the appliance did not come up.
    """
    qemu = find_qemu()
    known = verdicts or Verdicts(cache_folder())
    host = Host.here(qemu)
    bench = Bench(settings, runtime, qemu, guard or Nobody())
    session = Warmth(bench, disks, host, known, on_event).session() if settings.warm else None
    session = session or _come_up(bench, disks, host, known, on_event)
    try:
        yield session
    finally:
        bench.end(session)


def _attempts(known: Accelerator | None, settings: Settings) -> tuple[Attempt, ...]:
    """Return the launches to try, in order. A launch of libguestfs 1.48 can hang once in a while: one more try."""
    tcg = Attempt("tcg", settings.launch_seconds)
    if known == "tcg" or not device_usable():
        return (tcg, tcg)
    if known == "kvm":
        return (Attempt("kvm", settings.launch_seconds), tcg)
    return (Attempt("kvm", KVM_LAUNCH_SECONDS + patience(settings)), tcg, tcg)


def _come_up(bench: Bench, disks: tuple[Disk, ...], host: Host, verdicts: Verdicts, on_event: OnEvent) -> Session:
    """Try the launches that make sense on this host, and remember what was learnt of its KVM."""
    known = verdicts.recall(host)
    attempts = _attempts(known, bench.settings)
    refused_kvm = ""
    for number, attempt in enumerate(attempts, 1):
        try:
            session = launch(bench, attempt, disks)
        except (LaunchFailed, LaunchTimeout) as error:
            if attempt.accelerator == "kvm":
                refused_kvm = str(error)
                on_event(Notice(NO_KVM))
            elif number == len(attempts) or isinstance(error, LaunchFailed):
                raise
            continue
        if refused_kvm and known == "kvm":
            verdicts.forget(host)  # it worked once, so the next launch finds out anew
        elif known != session.accelerator and (refused_kvm or session.accelerator == "kvm"):
            verdicts.remember(host, session.accelerator, refused_kvm or "an appliance came up with it")
        return session
    raise AssertionError("the last attempt returns or raises")
