from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.identity.flaw import Device

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


DATA = "UUID=99999999-2222-4333-8444-555555555555 /srv ext4 defaults 0 2\n"


def nowhere(spec: str) -> bool:
    return spec == "UUID=11111111-2222-4333-8444-555555555555"


def test_a_clean_guest_mounts_what_it_holds(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("missing-volume", clean) == []


def test_a_volume_that_is_elsewhere_stops_the_boot(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write_append("/etc/fstab", DATA)

    (sign,) = look("missing-volume", debian, answers=nowhere)

    assert sign.path == "/etc/fstab"
    assert "/srv" in sign.message


@pytest.mark.parametrize(
    "options", ["nofail", "defaults,noauto", "x-systemd.automount", "nofail,x-systemd.device-timeout=5"]
)
def test_a_volume_that_may_be_absent_does_not(look: Callable[..., Any], debian: MemoryGuest, options: str) -> None:
    debian.write_append("/etc/fstab", DATA.replace("defaults", options))

    assert look("missing-volume", debian, answers=nowhere) == []


def test_a_volume_of_the_image_is_always_there(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write_append("/etc/fstab", DATA)

    assert look("missing-volume", debian, answers=lambda _: True) == []


@pytest.mark.parametrize("line", ["server:/data /srv nfs defaults 0 0\n", "tmpfs /srv tmpfs defaults 0 0\n"])
def test_what_is_on_no_disk_is_not_missed(look: Callable[..., Any], debian: MemoryGuest, line: str) -> None:
    debian.write_append("/etc/fstab", line)

    assert look("missing-volume", debian, answers=nowhere) == []


def test_openrc_goes_on_without(look: Callable[..., Any], alpine: MemoryGuest) -> None:
    alpine.write_append("/etc/fstab", DATA)

    assert look("missing-volume", alpine, answers=nowhere) == []


def test_it_may_be_in_what_is_locked(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write_append("/etc/fstab", DATA)
    locked = (Device("/dev/sda2", "crypto_LUKS", opened=False),)

    assert look("missing-volume", debian, answers=nowhere, devices=locked) == []


def test_an_array_of_the_image_may_have_another_number_here(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write_append("/etc/fstab", "/dev/md/data /srv ext4 defaults 0 2\n")
    array = (Device("/dev/md127", "ext4"),)

    assert look("missing-volume", debian, answers=nowhere, devices=array) == []
    assert len(look("missing-volume", debian, answers=nowhere)) == 1


def test_the_root_is_named_to_the_kernel_not_only_in_fstab(look: Callable[..., Any], debian: MemoryGuest) -> None:
    assert look("missing-volume", debian, answers=lambda _: False) == []
