from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.booting.hardware import Hardware
from imagekit.engine.booting.sight import needs, see
from imagekit.identity.catalogue import load_catalogue
from imagekit.machine_id import IMAGEKIT, app_specific

if TYPE_CHECKING:
    from imagekit.identity.item import Item
    from imagekit.testing.memory import MemoryGuest

KEY = b"a key"
UUID = "0b000000-0000-4000-8000-000000000001"
HARDWARE = Hardware("52:54:00:00:00:01", UUID, "ik-1")


def item(name: str) -> Item:
    return next(each for each in load_catalogue() if each.id == name)


def test_every_identity_of_the_catalogue_is_looked_for(debian: MemoryGuest) -> None:
    assert set(see(debian, KEY).traces) == {each.id for each in load_catalogue()}


def test_two_guests_have_the_same_mark_if_and_only_if_the_content_is_the_same(debian: MemoryGuest) -> None:
    before = see(debian, KEY)
    again = see(debian, KEY)
    debian.write("/etc/machine-id", f"{1:032x}\n")
    after = see(debian, KEY)

    assert before.traces["machine-id"] == again.traces["machine-id"]
    assert before.traces["machine-id"] != after.traces["machine-id"]
    assert before.traces["ssh-host-keys"] == after.traces["ssh-host-keys"]


def test_a_mark_means_nothing_in_another_trial(debian: MemoryGuest) -> None:
    keys = [see(debian, key).traces["ssh-host-keys"] for key in (KEY, b"another key")]

    assert keys[0].keys() == keys[1].keys()
    assert not {trace.mark for trace in keys[0].values()} & {trace.mark for trace in keys[1].values()}


def test_a_machine_id_is_marked_by_its_id_for_imagekit(debian: MemoryGuest) -> None:
    machine_id = debian.read_file("/etc/machine-id").decode().strip()
    sight = see(debian, KEY)

    assert sight.mark("machine-id") == app_specific(machine_id, IMAGEKIT)
    assert machine_id in sight.machine_ids
    assert machine_id not in repr(sight)


def test_what_is_blank_has_no_mark(blank: MemoryGuest) -> None:
    sight = see(blank, KEY)

    assert sight.traces["machine-id"] == {}
    assert sight.mark("machine-id") == ""


def test_an_id_that_was_made_of_the_hardware_is_known(blank: MemoryGuest) -> None:
    blank.write("/etc/machine-id", UUID.replace("-", "") + "\n")

    (held,) = see(blank, KEY, HARDWARE).traces["machine-id"].values()
    (not_asked,) = see(blank, KEY).traces["machine-id"].values()
    assert held.hardware
    assert not not_asked.hardware


def test_a_link_is_marked_by_its_target_too(debian: MemoryGuest) -> None:
    debian.write("/etc/ssh/kept", "key")
    marks = []
    for target in ("kept", "./kept"):
        debian.ln_sf(target, "/etc/ssh/ssh_host_rsa_key")
        marks.append(see(debian, KEY).traces["ssh-host-keys"]["/etc/ssh/ssh_host_rsa_key"].mark)

    assert marks[0] != marks[1]


def test_leases_of_the_network_of_a_trial_tell_no_two_clones_apart(debian: MemoryGuest) -> None:
    debian.mkdir_p("/var/lib/NetworkManager")
    debian.write("/var/lib/NetworkManager/internal-1-ens3.lease", "ADDRESS=10.0.2.15\n")
    debian.write("/var/lib/NetworkManager/secret_key", "nm-v2:x")

    assert set(see(debian, KEY).traces["nm-state"]) == {"/var/lib/NetworkManager/secret_key"}


def test_systemd_cannot_do_without_an_id_nor_sshd_without_keys(debian: MemoryGuest, alpine: MemoryGuest) -> None:
    assert needs(debian, item("machine-id"))
    assert needs(debian, item("ssh-host-keys"))
    assert not needs(debian, item("random-seed"))
    assert not needs(alpine, item("machine-id"))
    for path in debian.glob_expand("/usr/sbin/sshd"):
        debian.rm_f(path)
    assert not needs(debian, item("ssh-host-keys"))
