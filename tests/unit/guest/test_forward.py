from __future__ import annotations

import hashlib

import pytest

from imagekit.guest.errors import NoSuchFile
from imagekit.guest.facts import Facts
from imagekit.guest.forward import LookThrough
from imagekit.testing.memory import File, Link, MemoryGuest


def test_every_looking_verb_is_answered_by_the_guest_behind() -> None:
    behind = MemoryGuest(
        {"/etc/x": File("text", xattrs={"user.x": b"set"}), "/link": Link("etc")}, Facts(distro="debian")
    )
    front = LookThrough(behind)

    assert front.facts.distro == "debian"
    assert front.exists("/link/x")
    assert front.is_file("/etc/x")
    assert front.is_dir("/link", followsymlinks=True)
    assert not front.is_dir("/link")
    assert not front.is_file("/link", followsymlinks=True)
    assert front.is_symlink("/link")
    assert front.lstat("/etc/x").size == 4
    assert front.readlink("/link") == "etc"
    assert front.realpath("/link/x") == "/etc/x"
    assert front.read_file("/etc/x") == b"text"
    assert front.pread("/etc/x", 2, 1) == b"ex"
    assert front.ls("/") == ("etc", "link")
    assert front.glob_expand("/*/x") == ("/etc/x", "/link/x")
    assert front.find("/") == ("/etc", "/etc/x", "/link")
    assert front.sha256("/etc/x") == hashlib.sha256(b"text").hexdigest()
    assert front.lgetxattr("/etc/x", "user.x") == b"set"


def test_its_errors_come_through() -> None:
    with pytest.raises(NoSuchFile):
        LookThrough(MemoryGuest()).lstat("/nothing")
