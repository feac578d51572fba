from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.kernels import installed_kernels
from imagekit.system.initramfs.images import image_of
from imagekit.testing.initramfs import pack_initramfs
from imagekit.transforms.kernel_modules import KernelModules

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

EVERY = ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"]
STEP = KernelModules(load=("overlay",), deny=("floppy",), initramfs=("vmxnet3",))


def furnish(guest: MemoryGuest) -> MemoryGuest:
    """Give every kernel its modules, every image what the kernel has not built in, and a generator that works."""
    for kernel in installed_kernels(guest):
        guest.add(f"/lib/modules/{kernel}/modules.dep", "kernel/vmxnet3.ko.xz:\nkernel/overlay.ko.xz:\n")
        guest.add(image_of(guest, kernel), pack_initramfs({"init": ""}))

    def make(_argv: tuple[str, ...], _env: object) -> int:
        for kernel in installed_kernels(guest):
            guest.write(image_of(guest, kernel), pack_initramfs({"kernel/vmxnet3.ko.xz": ""}))
        return 0

    guest.answer(make)
    return guest


@pytest.mark.parametrize("name", EVERY)
def test_every_family_loads_denies_and_rebuilds(request, name: str) -> None:
    guest = furnish(request.getfixturevalue(name))

    STEP.apply(guest)

    assert guest.read_file("/etc/modules-load.d/imagekit.conf") == b"overlay\n"
    assert b"blacklist floppy\n" in guest.read_file("/etc/modprobe.d/imagekit.conf")
    assert len(guest.commands) == len(installed_kernels(guest))


@pytest.mark.parametrize("name", EVERY)
def test_applying_twice_changes_nothing_and_runs_nothing(request, snapshot, name: str) -> None:
    guest = furnish(request.getfixturevalue(name))
    STEP.apply(guest)
    first, ran = snapshot(guest), len(guest.commands)

    STEP.apply(guest)

    assert snapshot(guest) == first
    assert len(guest.commands) == ran


def test_what_is_only_loaded_needs_no_new_initramfs(debian: MemoryGuest) -> None:
    KernelModules(load=("overlay",)).apply(furnish(debian))

    assert debian.commands == []


def test_nothing_is_written_for_a_module_that_is_not_there(debian: MemoryGuest, snapshot) -> None:
    first = snapshot(furnish(debian))

    with pytest.raises(Problem) as caught:
        KernelModules(load=("overlay",), initramfs=("no_such",)).apply(debian)

    assert caught.value.field == "initramfs[0]"
    assert snapshot(debian) == first


def test_the_title_tells_all() -> None:
    assert STEP.title() == "kernel-modules overlay vmxnet3 -floppy"


@pytest.mark.parametrize(
    "fields",
    [{}, {"load": ["a b"]}, {"load": ["../x"]}, {"deny": [""]}, {"load": ["a-b"], "deny": ["a_b"]}],
)
def test_what_is_no_module_or_no_change_is_refused(fields: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        KernelModules.model_validate(fields)
