"""doctor on the real host: an appliance really comes up, and what was found of KVM is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imagekit.appliance.accel import Host, Verdicts
from imagekit.appliance.hypervisor import find_qemu
from imagekit.engine.doctor import doctor
from imagekit.events import Event, StageFinished

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.appliance


def test_this_host_can_do_the_work_and_the_verdict_on_kvm_is_found_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    host, verdicts, events = Host.here(find_qemu()), Verdicts(tmp_path / "imagekit"), list[Event]()
    verdicts.remember(host, "kvm", "an old verdict")

    found = doctor(on_event=events.append)

    states = {check.name: check for check in found.checks}
    assert {name: check.detail for name, check in states.items() if check.state == "fail"} == {}
    assert "came up in" in states["appliance"].detail
    assert any(isinstance(event, StageFinished) and event.stage == "start appliance" for event in events)
    kept = [json.loads(path.read_text())["reason"] for path in (tmp_path / "imagekit").glob("kvm-*.json")]
    assert "an old verdict" not in kept
    assert (verdicts.recall(host) == "kvm") == (states["KVM"].detail == "works")
