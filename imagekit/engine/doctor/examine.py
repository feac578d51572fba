"""All checks, in the order in which they explain each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.doctor.check import Check, Diagnosis
from imagekit.engine.doctor.host import Host
from imagekit.engine.doctor.kernel import check_kernel
from imagekit.engine.doctor.launch import Launch, Launcher, check_appliance, check_kvm, check_warm, launch
from imagekit.engine.doctor.python import check_package, check_python
from imagekit.engine.doctor.room import check_memory, check_room
from imagekit.engine.doctor.tools import binding_version, check_binding, check_network, check_tools
from imagekit.engine.opened import stage
from imagekit.engine.options import Options
from imagekit.events import OnEvent, silent

if TYPE_CHECKING:
    from collections.abc import Callable


def doctor(
    *,
    quick: bool = False,
    options: Options | None = None,
    on_event: OnEvent = silent,
) -> Diagnosis:
    """Look whether this host can do the work, and which command mends what it cannot; raises nothing.

    What was known of KVM is forgotten, found out anew by starting an appliance, and remembered.

    Args:
        quick: start no appliance.
        options: memory and processors of the appliance.
        on_event: gets progress events.
    """
    return examine(Host(), options or Options(), on_event, quick=quick)


def examine(
    host: Host,
    options: Options,
    on_event: OnEvent,
    *,
    quick: bool,
    launcher: Launcher = launch,
    find: Callable[[Host], tuple[str, str]] = binding_version,
) -> Diagnosis:
    """Look at a host; the launch comes last, and only if everything that it needs is there."""
    with stage("look at the host", on_event):
        interpreter, version = find(host)
        needed = (check_binding(interpreter, version), *check_tools(host), check_kernel(host))
        checks = [
            check_python(),
            check_package(),
            *needed,
            check_memory(wanted=options.memory),
            *check_room(host),
            check_network(host, version),
        ]
    if quick:
        return Diagnosis(checks=(*checks, check_kvm(host, None)))
    missing = [check.name for check in needed if check.state == "fail"]
    done = None if missing else launcher(options.settings(network=False), on_event)
    appliance = check_appliance(done) if done else _not_tried(missing)
    warm = check_warm(done or Launch(), cold=options.cold)
    return Diagnosis(checks=(*checks, appliance, check_kvm(host, done or Launch()), warm))


def _not_tried(missing: list[str]) -> Check:
    return Check(name="appliance", state="fail", detail=f"not tried: {', '.join(missing)} must be mended first")
