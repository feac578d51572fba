from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagekit.identity.flaw import Device

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


def test_a_disk_without_encryption_is_clean(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("luks-volume-key", clean, devices=(Device("/dev/sda1", "ext4", "/"),)) == []


def test_each_encrypted_device_is_told_opened_or_not(look: Callable[..., Any], debian: MemoryGuest) -> None:
    devices = (Device("/dev/sda1", "crypto_LUKS"), Device("/dev/sda2", "crypto_LUKS", opened=False))

    assert [sign.path for sign in look("luks-volume-key", debian, devices=devices)] == ["/dev/sda1", "/dev/sda2"]
