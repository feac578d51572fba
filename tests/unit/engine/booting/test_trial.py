"""A whole trial, with clones that are one guest in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.layout import UncleanFilesystem
from imagekit.engine.booting.hardware import make_clones
from imagekit.engine.booting.trial import KVM_SECONDS, TCG_SECONDS, Trial, boot
from imagekit.engine.errors import BadCloneCount
from imagekit.events import Notice, StageStarted
from imagekit.images.errors import ImageNotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.engine.booting.report import BootReport, IdentityResult
    from imagekit.events import Event
    from imagekit.testing.memory import MemoryGuest
    from imagekit.vm.boot import BootResult

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def tried(lab: Any, events: list[Event]) -> Callable[..., BootReport]:
    """Carry out a trial of two clones, or of as many as are said."""

    def run(count: int = 2, *, same_hardware: bool = False, keep: Path | None = None, **more: Any) -> BootReport:
        clones = make_clones(count, same_hardware=same_hardware)
        trial = Trial(lab, clones, events.append, same_hardware=same_hardware, **more)
        return trial.run("web.qcow2", keep)

    return run


def identity(report: BootReport, name: str) -> IdentityResult:
    return next(each for each in report.identities if each.id == name)


def test_clones_of_a_template_pass(tried: Callable[..., BootReport], lab: Any) -> None:
    report = tried()

    assert report.findings == ()
    assert report.verdict == "passed"
    assert [name for name, _ in lab.started] == ["clone-1", "clone-1", "clone-2", "clone-2"]
    assert identity(report, "machine-id").judgement == "proven"
    assert identity(report, "ssh-host-keys").judgement == "proven"


def test_clones_of_a_mere_copy_fail_and_what_is_equal_is_named(
    tried: Callable[..., BootReport], lab: Any, debian13: MemoryGuest
) -> None:
    lab.guest, lab.personal = debian13, {}

    report = tried()

    assert report.verdict == "failed"
    assert identity(report, "machine-id").judgement == "equal"
    assert identity(report, "ssh-host-keys").judgement == "equal"
    assert any(finding.startswith("machine-id: ") for finding in report.findings)


def test_no_value_of_an_identity_is_in_the_report(
    tried: Callable[..., BootReport], lab: Any, debian13: MemoryGuest
) -> None:
    machine_id = debian13.read_file("/etc/machine-id").decode().strip()
    lab.guest, lab.personal = debian13, {}

    assert machine_id not in tried().model_dump_json()


def test_host_keys_that_nobody_makes_again_are_missing(tried: Callable[..., BootReport], lab: Any) -> None:
    del lab.personal["/etc/ssh/ssh_host_ed25519_key"]

    report = tried()

    assert report.verdict == "failed"
    assert identity(report, "ssh-host-keys").judgement == "missing"


def test_an_id_that_the_second_boot_changes_does_not_stay(tried: Callable[..., BootReport], lab: Any) -> None:
    lab.personal["/etc/machine-id"] = lambda clone, number: f"{number}{clone.name[-1]}{'a' * 30}\n"

    assert identity(tried(), "machine-id").judgement == "changed"


def test_with_the_same_hardware_what_is_made_of_it_is_named_and_no_failure(
    tried: Callable[..., BootReport], lab: Any
) -> None:
    lab.personal["/etc/machine-id"] = lambda clone, number: clone.hardware.uuid.replace("-", "") + "\n"

    report = tried(same_hardware=True)

    assert report.verdict == "passed"
    assert report.from_hardware == ("machine-id",)
    assert tried().from_hardware == ("machine-id",)


def test_a_failed_unit_fails_the_trial_and_both_boots_are_done(
    tried: Callable[..., BootReport], lab: Any, booted: Callable[..., BootResult]
) -> None:
    lab.results = [booted(failed=("ssh.service",)), booted()]

    report = tried()

    assert report.verdict == "failed"
    assert [record.outcome for record in report.clones[0].boots] == ["failed", "up"]


def test_a_clone_that_never_comes_up_is_undecided_and_not_booted_again(
    tried: Callable[..., BootReport], lab: Any, booted: Callable[..., BootResult]
) -> None:
    lab.results = [booted("killed", complete=False)]

    report = tried()

    assert report.verdict == "undecided"
    assert [len(clone.boots) for clone in report.clones] == [1, 1]
    assert "killed" in report.clones[0].unread
    assert identity(report, "machine-id").judgement == "unread"


def test_what_a_clone_lacks_that_was_not_up_is_not_missing(
    tried: Callable[..., BootReport], lab: Any, booted: Callable[..., BootResult]
) -> None:
    lab.personal = {}
    lab.results = [booted("powered-off", complete=False)]

    report = tried()

    assert report.verdict == "undecided"
    assert identity(report, "machine-id").judgement == "unread"


def test_a_second_boot_that_is_undecided_leaves_what_the_first_showed(
    tried: Callable[..., BootReport], lab: Any, booted: Callable[..., BootResult]
) -> None:
    lab.results = [booted(), booted("deadline", complete=False), booted(), booted("deadline", complete=False)]

    report = tried()

    assert report.verdict == "undecided"
    assert identity(report, "machine-id").judgement == "proven"
    assert [mark.second for mark in identity(report, "machine-id").clones] == ["", ""]


def test_a_guest_may_restart_itself_twice_on_its_way(
    tried: Callable[..., BootReport], lab: Any, booted: Callable[..., BootResult]
) -> None:
    again = booted("reset", complete=False)
    lab.results = [again, again, booted(), again, again, again, booted()]

    first, second = tried(1).clones[0].boots

    assert (first.outcome, first.restarts) == ("up", 2)
    assert (second.outcome, second.restarts) == ("undecided", 2)
    assert [seconds for _, seconds in lab.started[:3]] == [600, 540, 480]


def test_a_disk_that_cannot_be_read_afterwards_is_undecided(tried: Callable[..., BootReport], lab: Any) -> None:
    lab.refuses = UncleanFilesystem("/dev/sda1", "ext4")

    report = tried()

    assert report.verdict == "undecided"
    assert "not cleanly unmounted" in report.clones[0].unread


def test_a_guest_that_no_probe_can_be_put_into_is_not_booted(tried: Callable[..., BootReport], lab: Any) -> None:
    lab.mute = "its init is not known"

    report = tried()

    assert (report.verdict, report.why, report.identities) == ("undecided", "its init is not known", ())
    assert lab.started == []


@pytest.mark.parametrize(("accelerator", "seconds"), [("tcg", TCG_SECONDS), ("kvm", KVM_SECONDS)])
def test_a_boot_has_the_time_that_its_accelerator_needs(
    tried: Callable[..., BootReport], lab: Any, accelerator: str, seconds: float
) -> None:
    lab.accelerator = accelerator
    tried(1)

    assert {given for _, given in lab.started} == {seconds}


def test_the_callers_own_limit_and_that_of_the_whole_come_first(tried: Callable[..., BootReport], lab: Any) -> None:
    tried(1, timeout=5.0)
    tried(1, until=0.0)

    assert [seconds for _, seconds in lab.started] == [5.0, 5.0, 1.0, 1.0]


def test_logs_of_what_passed_are_kept_only_if_asked_for(
    tried: Callable[..., BootReport], state: Path, tmp_path: Path
) -> None:
    assert [record.serial_log for record in tried().clones[0].boots] == [None, None]
    assert not state.exists()

    kept = tried(keep=tmp_path / "logs").clones[1].boots[1].serial_log
    assert kept == tmp_path / "logs" / "clone-2.boot-2.log"


def test_logs_of_a_failure_are_kept_without_machine_ids_and_their_place_is_told(
    tried: Callable[..., BootReport], lab: Any, booted: Callable[..., BootResult], events: list[Event], state: Path
) -> None:
    failed = booted(failed=("a.service",), machine_id=ID)
    lab.results = [type(failed)(failed.ended, 1.0, f"machine-id {ID}\n", failed.report)]

    record = tried().clones[0].boots[0]

    assert record.serial_log is not None
    assert record.serial_log.is_relative_to(state)
    assert record.serial_log.read_text() == "machine-id {machine-id}\n"
    assert any(isinstance(event, Notice) and str(record.serial_log.parent) in event.text for event in events)


def test_each_boot_is_a_stage_that_says_what_is_waited_for(
    tried: Callable[..., BootReport], events: list[Event]
) -> None:
    tried(1)
    stages = [event for event in events if isinstance(event, StageStarted)]

    assert [event.stage for event in stages] == ["boot clone-1, time 1", "boot clone-1, time 2"]
    assert "at most 600 s" in stages[0].detail


def test_a_seeded_clone_is_asked_whether_it_took_its_seed(tried: Callable[..., BootReport], lab: Any) -> None:
    lab.seeded = True

    report = tried()

    assert report.clones[0].seeded
    assert report.clones[0].boots[0].remarks == ("cloud-init did not take its seed disk",)


def test_a_number_of_clones_that_makes_no_sense_is_refused_before_anything(tmp_path: Path) -> None:
    with pytest.raises(BadCloneCount):
        boot(tmp_path / "none.qcow2", clones=0)


def test_an_image_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageNotFound):
        boot(tmp_path / "none.qcow2")
