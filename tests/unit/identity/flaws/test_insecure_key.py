from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.identity.flaws.insecure_key import fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


RSA = (
    "AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9H"
    "ZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6ki"
    "vAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbI"
    "bEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ=="
)
ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIN1YdxBpNlzxDqfJyw/QKow1F+wvG9hXGoqiysfJOn5Y"
"""Vagrant's two public keys, as every box of it has them."""
OTHER = "AAAAC3NzaC1lZDI1NTE5AAAAIN1YdxBpNlzxDqfJyw/QKow1F+wvG9hXGoqiysfJOn5X"


def test_no_clean_guest_has_one(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("insecure-key", clean) == []


@pytest.mark.parametrize(
    ("line", "kind"), [(f"ssh-rsa {RSA} x\n", "RSA"), (f'from="*" ssh-ed25519 {ED25519}\n', "Ed25519")]
)
def test_vagrants_keys_are_found_whatever_stands_beside_them(
    look: Callable[..., Any], debian: MemoryGuest, line: str, kind: str
) -> None:
    debian.add("/root/.ssh/authorized_keys", line)

    (sign,) = look("insecure-key", debian)

    assert sign.path == "/root/.ssh/authorized_keys"
    assert kind in sign.message


def test_homes_are_those_of_passwd(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write_append("/etc/passwd", "box:x:1000:1000::/srv/box:/bin/bash\n")
    debian.add("/srv/box/.ssh/authorized_keys2", f"ssh-rsa {RSA}\n")

    assert [sign.path for sign in look("insecure-key", debian)] == ["/srv/box/.ssh/authorized_keys2"]


@pytest.mark.parametrize(
    "line", [f"# ssh-rsa {RSA}\n", f"ssh-ed25519 {OTHER} vagrant insecure public key\n", "ssh-rsa AAAA?\n"]
)
def test_a_comment_another_key_and_what_is_no_key_are_not(
    look: Callable[..., Any], debian: MemoryGuest, line: str
) -> None:
    debian.add("/root/.ssh/authorized_keys", line)

    assert look("insecure-key", debian) == []


def test_fingerprints_are_those_that_ssh_keygen_prints() -> None:
    assert list(fingerprints(f"ssh-rsa {RSA}\n")) == ["1M4RzhMyWuFS/86uPY/ce2prh/dVTHW7iD2RhpquOZA"]
