from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.auditing.examine import examine
from imagekit.engine.auditing.sharing import with_shared
from imagekit.identity.flaw import Scene

if TYPE_CHECKING:
    from imagekit.engine.auditing.examine import Examination
    from imagekit.engine.auditing.report import Use
    from imagekit.testing.memory import MemoryGuest
    from imagekit.testing.phony import Recipe


def look(use: Use, **guests: MemoryGuest) -> dict[str, Examination]:
    return {name: examine(name, Scene(guest), use, compare=True) for name, guest in guests.items()}


def test_instances_that_are_equal_are_told_with_each_other(recipes: dict[str, Recipe]) -> None:
    recipe = recipes["debian-12"]

    findings = with_shared(look("instance", a=recipe.guest(), b=recipe.guest()))

    machine = [each for each in findings if each.rule == "machine-id"]
    assert [(each.image, each.shared_with, each.severity) for each in machine] == [
        ("a", ("b",), "error"),
        ("b", ("a",), "error"),
    ]
    assert machine[0].recognised
    assert "ssh-host-keys" in {each.rule for each in findings}


def test_instances_of_different_machines_share_nothing(debian: MemoryGuest, debian13: MemoryGuest) -> None:
    assert with_shared(look("instance", a=debian, b=debian13)) == ()


def test_two_of_three_may_share_one_key(recipes: dict[str, Recipe], debian13: MemoryGuest, arch: MemoryGuest) -> None:
    debian = recipes["debian-12"].guest()
    key = "/etc/ssh/ssh_host_rsa_key"
    arch.write(key, debian.read_file(key))

    findings = with_shared(look("instance", a=debian, b=debian13, c=arch))

    assert {(each.image, each.path, each.shared_with) for each in findings} == {("a", key, ("c",)), ("c", key, ("a",))}


def test_templates_tell_it_in_the_findings_that_they_have_anyway(recipes: dict[str, Recipe]) -> None:
    recipe = recipes["debian-12"]

    findings = with_shared(look("template", a=recipe.guest(), b=recipe.guest()))

    found = [each for each in findings if (each.image, each.rule) == ("a", "machine-id")]
    assert [each.shared_with for each in found] == [("b",)]


def test_empty_files_are_equal_and_no_identity(debian: MemoryGuest, debian13: MemoryGuest) -> None:
    for guest in (debian, debian13):
        guest.add("/var/lib/dhcp/dhclient.leases", "")

    assert with_shared(look("instance", a=debian, b=debian13)) == ()
