from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imagekit.appliance.errors import ApplianceDied
from imagekit.engine.auditing.examine import examine
from imagekit.guest.errors import VerbFailed
from imagekit.identity.flaw import Device, Scene
from imagekit.machine_id import IMAGEKIT, app_specific

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

ID = "d1200000000040008000000000000012"


def test_nothing_speaks_against_a_template(template: MemoryGuest) -> None:
    found = examine("web.qcow2", Scene(template), "template")

    assert [each for each in found.findings if not each.optional] == []
    assert found.unchecked == []


def test_what_may_be_meant_to_be_there_is_only_noted(template: MemoryGuest) -> None:
    found = examine("web.qcow2", Scene(template), "template")

    assert {(each.rule, each.severity) for each in found.findings} <= {("hostname", "note")}


def test_nothing_speaks_against_an_instance_that_has_its_identities(debian: MemoryGuest) -> None:
    found = examine("web.qcow2", Scene(debian), "instance")

    assert found.findings == []


def test_identities_speak_against_a_template(debian: MemoryGuest) -> None:
    found = examine("web.qcow2", Scene(debian), "template")

    errors = {(each.rule, each.path) for each in found.findings if each.severity == "error"}
    assert {("machine-id", "/etc/machine-id"), ("ssh-host-keys", "/etc/ssh/ssh_host_rsa_key")} <= errors


def test_a_machine_id_is_told_only_as_its_hash(debian: MemoryGuest) -> None:
    debian.add(f"/var/log/journal/{ID}/system.journal", "x")
    found = examine("web.qcow2", Scene(debian), "template")

    told = json.dumps([each.model_dump(mode="json") for each in (*found.findings, *found.identities)])
    assert ID not in told
    assert app_specific(ID, IMAGEKIT) in told


def test_a_path_that_holds_a_machine_id_is_told_without_it(debian: MemoryGuest) -> None:
    debian.add(f"/var/log/journal/{'e' * 32}/system.journal", "x")

    found = examine("web.qcow2", Scene(debian), "template")

    assert "/var/log/journal/{machine-id}" in {each.path for each in found.findings}


def test_each_identity_is_told_with_who_makes_a_new_one(clean_debian: MemoryGuest) -> None:
    records = {each.id: each for each in examine("web.qcow2", Scene(clean_debian), "template").identities}

    assert records["machine-id"].state == "blank"
    assert "systemd" in records["machine-id"].returns


def test_flaws_are_found_beside_them(clean_debian: MemoryGuest) -> None:
    clean_debian.write("/etc/shadow", "root::19700::::::\n")

    found = examine("web.qcow2", Scene(clean_debian, snapshots=1), "template")

    assert {each.rule for each in found.findings if not each.optional} == {"empty-password", "image-snapshots"}


def test_a_look_that_fails_is_told_and_the_others_go_on(debian: MemoryGuest) -> None:
    debian.fail("read_file", error=VerbFailed("read_file", "/etc/shadow", "broken"), path="/etc/shadow")

    found = examine("web.qcow2", Scene(debian), "template")

    assert {each.rule for each in found.unchecked} == {"empty-password", "weak-password", "old-password-hash"}
    assert "machine-id" in {each.rule for each in found.findings}


def test_a_dead_appliance_ends_it(debian: MemoryGuest) -> None:
    debian.fail("read_file", error=ApplianceDied("read_file", ""), path="/etc/shadow")  # type: ignore[arg-type]

    with pytest.raises(ApplianceDied):
        examine("web.qcow2", Scene(debian), "template")


def test_what_is_locked_or_not_mounted_is_told_as_not_checked(clean_debian: MemoryGuest) -> None:
    devices = (
        Device("/dev/sda1", "ext4", "/"),
        Device("/dev/sda2", "crypto_LUKS", opened=False),
        Device("/dev/sda3", "xfs"),
        Device("/dev/sda4", "swap"),
    )

    found = examine("web.qcow2", Scene(clean_debian, devices), "instance")

    assert [each.path for each in found.unchecked] == ["/dev/sda2", "/dev/sda3"]
    assert "--key /dev/sda2=file:PATH" in found.unchecked[0].reason


def test_prints_are_taken_of_what_brands_a_machine_and_only_if_asked(debian: MemoryGuest) -> None:
    prints = examine("web.qcow2", Scene(debian), "instance", compare=True).prints

    assert prints["machine-id"] == {"/etc/machine-id": app_specific(ID, IMAGEKIT)}
    assert "/etc/ssh/ssh_host_rsa_key" in prints["ssh-host-keys"]
    assert "hostname" not in prints
    assert examine("web.qcow2", Scene(debian), "instance").prints == {}
