from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.journal import JournaledGuest
from imagekit.identity.catalogue import load_catalogue
from imagekit.testing.planted import canaries, read_planting
from imagekit.transforms.generalize import Generalize

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

PLANTING = read_planting()
ON = [item.id for item in load_catalogue() if item.default]
NAMES = ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"]
KEY = "/etc/ssh/ssh_host_rsa_key"


def has_lived(guest: MemoryGuest) -> tuple[str, ...]:
    names = PLANTING.ids(guest.facts.family)
    PLANTING.plant(guest, names)
    return names


def left(guest: MemoryGuest, names) -> list[str]:
    told = b"\n".join(path.encode() + node.content for path, node in guest.tree.walk("/"))
    return sorted(name for name in names if any(canary.encode() in told for canary in canaries(name)))


def remarks(transform: Generalize, guest: MemoryGuest | JournaledGuest) -> str:
    return "\n".join(transform.remarks(guest))


# What is reset.
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_of_what_is_on_by_default_on_a_guest_that_has_lived(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    names = has_lived(guest)
    Generalize().apply(guest)

    assert left(guest, names) == sorted(set(names) - set(ON))


@pytest.mark.parametrize("name", ["debian", "rocky"])
def test_all_of_it_may_be_asked_for(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    names = has_lived(guest)
    Generalize(include=tuple(sorted(set(names) - set(ON)))).apply(guest)

    assert left(guest, names) == []


@pytest.mark.parametrize("name", NAMES)
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    has_lived(guest)
    Generalize().apply(guest)
    first = snapshot(guest)

    Generalize().apply(guest)

    assert snapshot(guest) == first


def test_only_what_is_named_is_reset(debian: MemoryGuest) -> None:
    names = has_lived(debian)
    Generalize(only=("tmp", "hostname")).apply(debian)

    assert set(names) - set(left(debian, names)) == {"tmp", "hostname"}


def test_what_is_excepted_is_left(debian: MemoryGuest) -> None:
    names = has_lived(debian)
    Generalize(leave=("logs", "random-seed")).apply(debian)

    assert set(left(debian, names)) == set(names) - set(ON) | {"logs", "random-seed"}


def test_it_says_what_it_resets() -> None:
    assert set(Generalize().resets) == set(ON)
    assert Generalize(only=("tmp",)).resets == ("tmp",)
    assert set(Generalize(leave=("tmp",), include=("hostname",)).resets) == set(ON) - {"tmp"} | {"hostname"}


# What is kept.
def test_what_a_step_of_the_spec_wrote_is_kept_and_told(debian: MemoryGuest) -> None:
    debian.add("/tmp/old", "x")
    guest = JournaledGuest(debian)
    guest.begin("write-files")
    guest.mkdir_p("/tmp/new")
    guest.write("/tmp/new/x", "mine")
    guest.write(KEY, "mine")
    guest.end()
    guest.begin("generalize")
    Generalize().apply(guest)
    guest.end()
    told = remarks(Generalize(), guest)

    assert debian.find("/tmp") == ("/tmp/new", "/tmp/new/x")
    assert debian.glob_expand("/etc/ssh/ssh_host_*") == (KEY,)
    assert "kept temporary files (tmp) that a step of this spec wrote: /tmp/new" in told
    assert f"kept SSH host keys (ssh-host-keys) that a step of this spec wrote: {KEY}" in told


def test_kinds_of_their_own_stand_in_for_its_items() -> None:
    beside = Generalize().beside({"generalize", "machine-id", "ssh-host-keys", "hostname"})

    assert set(ON) - set(beside.resets) == {"machine-id", "dbus-machine-id", "ssh-host-keys"}
    assert Generalize(only=("machine-id", "tmp")).beside({"machine-id"}).resets == ("tmp",)
    assert Generalize().beside({"generalize", "hostname"}).resets == Generalize().resets


# What would not come back.
def test_what_nobody_would_make_anew_is_left_and_told_unless_it_is_named(debian: MemoryGuest) -> None:
    debian.add("/etc/hostid", "x")
    debian.add("/usr/sbin/zpool", "")
    Generalize().apply(debian)
    told = remarks(Generalize(), debian)
    kept = debian.exists("/etc/hostid")
    Generalize(include=("hostid",)).apply(debian)

    assert kept
    assert "(hostid) at /etc/hostid: nothing in this guest would make a new one; include: [hostid]" in told
    assert not debian.exists("/etc/hostid")


def test_services_that_were_added_are_told(debian: MemoryGuest) -> None:
    has_lived(debian)
    Generalize().apply(debian)
    told = remarks(Generalize(), debian)

    for name in ("cfengine-key", "nvme-host", "popularity-contest", "rndc", "snakeoil", "ssh-host-keys"):
        assert f"imagekit-{name}" in told


def test_without_services_of_ours_what_needs_one_is_left_and_told(debian: MemoryGuest) -> None:
    names = has_lived(debian)
    transform = Generalize(units="forbid", include=("hostname",))
    transform.apply(debian)
    told = remarks(transform, debian)

    needs = {"cfengine", "nvme-hostnqn", "popcon", "rndc", "snakeoil", "ssh-host-keys", "unbound"}
    assert set(left(debian, names)) - needs == set(names) - set(ON) - {"hostname"}
    assert needs <= set(left(debian, names))
    assert debian.glob_expand("/etc/systemd/system/imagekit-*") == ()
    assert "a new one needs the service imagekit-rndc, and units: forbid allows none" in told


def test_a_guest_without_keys_gets_who_makes_them(debian: MemoryGuest) -> None:
    for path in debian.glob_expand("/etc/ssh/ssh_host_*"):
        debian.rm_f(path)
    Generalize().apply(debian)

    assert debian.exists("/etc/systemd/system/imagekit-ssh-host-keys.service")


def test_what_refuses_to_be_reset_fails_the_step_only_where_it_is_named(debian: MemoryGuest) -> None:
    debian.add("/etc/dropbear/initramfs/dropbear_rsa_host_key", "x")
    Generalize().apply(debian)

    assert debian.exists(KEY)
    assert "left SSH host keys (ssh-host-keys)" in remarks(Generalize(), debian)
    with pytest.raises(Problem):
        Generalize(include=("ssh-host-keys",)).apply(debian)


def test_a_long_list_of_paths_is_cut(debian: MemoryGuest) -> None:
    for number in range(5):
        debian.add(f"/var/lib/tor/keys/{number}", "x")
    guest = JournaledGuest(debian)
    guest.begin("upload")
    for number in range(5):
        guest.write(f"/var/lib/tor/keys/{number}", "mine")
    guest.end()

    assert "/var/lib/tor/keys/0, /var/lib/tor/keys/1, /var/lib/tor/keys/2 and 2 more" in remarks(Generalize(), guest)


# What a spec may say.
def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(ValidationError, match="did you mean 'ssh-host-keys'"):
        Generalize(only=("ssh-hostkeys",))
    with pytest.raises(ValidationError, match=r"known are: .*machine-id"):
        Generalize(include=("???",))


def test_fields_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="only names all"):
        Generalize(only=("tmp",), include=("hostname",))
    with pytest.raises(ValidationError, match="both in except and in include"):
        Generalize.model_validate({"except": ["tmp"], "include": ["tmp"]})
    with pytest.raises(ValidationError):
        Generalize(only=())


def test_except_is_written_as_a_spec_has_it() -> None:
    transform = Generalize.model_validate({"except": ["tmp"]})

    assert transform.leave == ("tmp",)
    assert transform.model_dump()["except"] == ("tmp",)
