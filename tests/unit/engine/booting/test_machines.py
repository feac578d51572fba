"""The lab of real machines, with the appliance, qemu-img and qemu taken away: what it asks of each."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.booting import machines
from imagekit.engine.booting.hardware import make_clones
from imagekit.engine.booting.machines import QemuLab, Wish
from imagekit.engine.errors import ForeignMachine
from imagekit.engine.options import Options
from imagekit.events import silent
from imagekit.guest.errors import GuestDiskFull
from imagekit.vm.errors import FirmwareMissing
from imagekit.vm.firmware import Ovmf
from imagekit.vm.planting import WANTED_PATH
from imagekit.vm.probe import SCRIPT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imagekit.engine.opened import Opened
    from imagekit.images.info import ImageInfo
    from imagekit.testing.memory import MemoryGuest
    from imagekit.vm.machine import Machine

CLONES = make_clones(2, same_hardware=False)


@dataclass(frozen=True)
class Folders:
    path: Path


@dataclass
class Host:
    """What the lab asked of the host."""

    folder: Path
    machines: list[tuple[Machine, float]] = field(default_factory=list)
    inspected: list[tuple[Path, tuple[Path, ...]]] = field(default_factory=list)
    overlays: list[tuple[Path, Path]] = field(default_factory=list)
    readonly: list[bool] = field(default_factory=list)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def make_lab(
    host: Host,
    base: ImageInfo,
    session: Any,
    opened_guest: Callable[[MemoryGuest], Opened],
    booted: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., QemuLab]:
    session.answers["pread_device"] = b"\xeb\x63"

    def make(guest: MemoryGuest, wish: Wish | None = None) -> QemuLab:
        @contextlib.contextmanager
        def opened(*args: Any, readonly: bool = False) -> Iterator[Opened]:
            host.readonly.append(readonly)
            overlay = host.folder / "overlay.qcow2"
            overlay.write_bytes(b"overlay")
            yield replace(opened_guest(guest), overlay=overlay)

        def inspect_image(path: Path, *, allow_backing: tuple[Path, ...], **_: Any) -> ImageInfo:
            host.inspected.append((path, allow_backing))
            return base.model_copy(update={"path": path})

        def create_overlay(over: ImageInfo, path: Path) -> None:
            host.overlays.append((over.path, path))
            path.write_bytes(b"clone")

        def boot(machine: Machine, *, deadline: float) -> Any:
            host.machines.append((machine, deadline))
            return booted()

        for function in (opened, inspect_image, create_overlay, boot):
            monkeypatch.setattr(machines, function.__name__, function)
        return QemuLab(base, Folders(host.folder), None, Options(), wish or Wish(), silent)  # type: ignore[arg-type]

    return make


@pytest.fixture
def ovmf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ovmf:
    made = Ovmf(tmp_path / "CODE.fd", tmp_path / "VARS.fd")
    made.code.write_bytes(b"code")
    made.variables.write_bytes(b"variables")
    monkeypatch.setattr(machines, "find_ovmf", lambda: made)
    return made


def test_the_probe_goes_into_one_overlay_and_the_appliance_is_stopped(
    make_lab: Callable[..., QemuLab], host: Host, debian: MemoryGuest, session: Any
) -> None:
    template = make_lab(debian).prepare()

    assert debian.exists(SCRIPT_PATH)
    assert debian.exists(WANTED_PATH)
    assert session.stopped
    assert (host.folder / "planted.qcow2").read_bytes() == b"overlay"
    assert (template.firmware, template.accelerator, template.mute) == ("bios", "tcg", "")


def test_the_image_is_seen_before_the_probe_is_planted(make_lab: Callable[..., QemuLab], debian: MemoryGuest) -> None:
    template = make_lab(debian).prepare()

    assert set(template.sight.traces["machine-id"]) == {"/etc/machine-id"}
    assert {subject.id for subject in template.subjects if subject.needed} == {"machine-id", "ssh-host-keys"}


def test_the_accelerator_is_the_one_that_the_appliance_came_up_with(
    make_lab: Callable[..., QemuLab], host: Host, debian: MemoryGuest, session: Any
) -> None:
    session.accelerator = "kvm"
    lab = make_lab(debian)

    lab.start(CLONES[0], lab.prepare(), seconds=5)

    assert host.machines[0][0].accelerator == "kvm"


def test_a_clone_is_an_overlay_over_the_planted_one_with_hardware_of_its_own(
    make_lab: Callable[..., QemuLab], host: Host, debian: MemoryGuest, base: ImageInfo
) -> None:
    lab = make_lab(debian)
    template = lab.prepare()
    for clone in CLONES:
        lab.start(clone, template, seconds=5)
    lab.start(CLONES[0], template, seconds=6)

    planted = host.folder / "planted.qcow2"
    assert host.overlays == [(planted, host.folder / f"clone-{number}.qcow2") for number in (1, 2)]
    assert all(base.path in allowed for _, allowed in host.inspected)
    assert [(m.mac, m.uuid, m.serial) for m, _ in host.machines[:2]] == [
        (c.hardware.mac, c.hardware.uuid, c.hardware.serial) for c in CLONES
    ]
    assert [seconds for _, seconds in host.machines] == [5, 5, 6]
    assert all(machine.flash is None for machine, _ in host.machines)


def test_each_clone_has_a_seed_of_its_own_where_cloud_init_will_read_it(
    make_lab: Callable[..., QemuLab], host: Host, ubuntu: MemoryGuest
) -> None:
    lab = make_lab(ubuntu)
    template = lab.prepare()
    for clone in CLONES:
        lab.start(clone, template, seconds=5)
    seeds = [machine.drives[1] for machine, _ in host.machines]

    assert template.seeded
    assert all(seed.read_only and seed.format == "raw" for seed in seeds)
    assert [b"local-hostname: %s" % clone.name.encode() in seed.path.read_bytes() for clone, seed in zip(CLONES, seeds, strict=True)] == [True, True]  # fmt: skip


def test_no_seed_is_made_if_none_is_wanted_or_nobody_reads_it(
    make_lab: Callable[..., QemuLab], ubuntu: MemoryGuest, arch: MemoryGuest, host: Host
) -> None:
    assert not make_lab(ubuntu, Wish(seed=False)).prepare().seeded
    arch.rm_f("/usr/bin/cloud-init")
    lab = make_lab(arch)
    template = lab.prepare()
    lab.start(CLONES[0], template, seconds=5)

    assert not template.seeded
    assert len(host.machines[0][0].drives) == 1


def test_without_a_seed_the_instance_of_cloud_init_is_the_images_alone(
    make_lab: Callable[..., QemuLab], ubuntu: MemoryGuest
) -> None:
    subjects = {subject.id: subject for subject in make_lab(ubuntu, Wish(seed=False)).prepare().subjects}

    assert subjects["cloud-init-state"].ungiven


def test_a_clone_that_boots_by_uefi_has_variables_of_its_own(
    make_lab: Callable[..., QemuLab], host: Host, debian: MemoryGuest, ovmf: Ovmf
) -> None:
    lab = make_lab(debian, Wish(firmware="uefi"))
    template = lab.prepare()
    for clone in CLONES:
        lab.start(clone, template, seconds=5)
    first, second = (machine.flash for machine, _ in host.machines)

    assert first is not None
    assert second is not None
    assert first.code == second.code == ovmf.code
    assert first.variables != second.variables
    assert first.variables.read_bytes() == b"variables"


def test_firmware_that_is_missing_is_told_before_anything_is_booted(
    make_lab: Callable[..., QemuLab], host: Host, debian: MemoryGuest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Ovmf:
        raise FirmwareMissing(())

    monkeypatch.setattr(machines, "find_ovmf", missing)

    with pytest.raises(FirmwareMissing):
        make_lab(debian, Wish(firmware="uefi")).prepare()
    assert host.machines == []


def test_a_guest_for_another_processor_is_refused(make_lab: Callable[..., QemuLab], debian: MemoryGuest) -> None:
    debian._facts = debian.facts.model_copy(update={"arch": "aarch64"})

    with pytest.raises(ForeignMachine, match="aarch64"):
        make_lab(debian).prepare()


def test_a_guest_that_takes_no_probe_is_mute_and_says_why(
    make_lab: Callable[..., QemuLab], debian: MemoryGuest
) -> None:
    debian.fail("write", error=GuestDiskFull("write", SCRIPT_PATH), path=SCRIPT_PATH)

    assert "no space left" in make_lab(debian).prepare().mute


def test_a_clone_is_read_through_one_more_overlay_that_does_not_stay(
    make_lab: Callable[..., QemuLab], host: Host, debian: MemoryGuest
) -> None:
    lab = make_lab(debian)
    lab.prepare()

    sight = lab.look(CLONES[0])

    assert sight.traces["machine-id"]
    assert host.readonly == [False, True]
    assert not (host.folder / "overlay.qcow2").exists()
