from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.initramfs.images import NoInitramfs
from imagekit.system.initramfs.rebuild import rebuild
from imagekit.system.shell import CommandFailed
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from imagekit.testing.memory import Ran


def kernels_named(ran: list[Ran]) -> list[str]:
    return [next(word for word in one.argv[1:] if word[0].isdigit()) for one in ran]


@pytest.mark.parametrize(
    ("name", "kernels"),
    [
        ("debian", ["6.1.0-9-amd64", "6.1.0-18-amd64"]),
        ("debian13", ["6.12.48+deb13-amd64"]),
        ("ubuntu", ["6.8.0-45-generic", "6.8.0-100-generic"]),
        ("fedora", ["6.11.4-301.fc41.x86_64", "6.11.10-300.fc41.x86_64"]),
        ("rocky", ["5.14.0-427.9.1.el9_4.x86_64", "5.14.0-427.13.1.el9_4.x86_64"]),
        ("opensuse", ["6.4.0-150600.23.25-default"]),
        ("arch", ["6.11.5-arch1-1"]),
        ("alpine", ["6.6.58-0-virt"]),
    ],
)
def test_every_kernel_gets_a_new_one_and_no_network_is_needed(request, name: str, kernels: list[str]) -> None:
    guest = request.getfixturevalue(name)
    guest.answer(lambda _argv, _env: 0)

    made = rebuild(guest)

    assert kernels_named(guest.commands) == kernels
    assert not any(one.network for one in guest.commands)
    assert len(made) == len(kernels)


def test_a_kernel_that_came_after_inspection_counts(debian: MemoryGuest) -> None:
    assert len(debian.facts.kernels) == 2
    debian.add("/lib/modules/6.1.0-30-amd64/modules.dep", "")
    debian.add("/boot/vmlinuz-6.1.0-30-amd64", "")
    debian.answer(lambda argv, _env: debian.write(f"/boot/initrd.img-{argv[-1]}", "") or 0)

    assert rebuild(debian)[-1] == "/boot/initrd.img-6.1.0-30-amd64"


def test_only_those_that_are_asked_for_are_made(debian: MemoryGuest) -> None:
    debian.answer(lambda _argv, _env: 0)

    assert rebuild(debian, ("6.1.0-9-amd64",)) == ("/boot/initrd.img-6.1.0-9-amd64",)


def test_a_guest_without_a_kernel_needs_none() -> None:
    assert rebuild(MemoryGuest()) == ()


def test_a_guest_whose_generator_is_not_supported_is_told_where_it_was_asked(debian: MemoryGuest) -> None:
    debian.rm_f("/usr/sbin/update-initramfs")

    with pytest.raises(Problem) as caught:
        rebuild(debian, field="initramfs")

    assert caught.value.field == "initramfs"


def test_a_failure_names_the_kernel(debian: MemoryGuest) -> None:
    debian.answer(lambda _argv, _env: 1)

    with pytest.raises(CommandFailed, match=r"initramfs-tools for kernel 6\.1\.0-9-amd64"):
        rebuild(debian)


def test_a_program_that_made_nothing_is_not_believed(debian: MemoryGuest) -> None:
    debian.rm_f("/boot/initrd.img-6.1.0-18-amd64")
    debian.answer(lambda _argv, _env: 0)

    with pytest.raises(NoInitramfs):
        rebuild(debian)
