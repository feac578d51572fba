from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.disks import Filesystem, Hibernated
from imagekit.appliance.layout import Layout, Mount, NoSystem, UncleanFilesystem
from imagekit.catalog import kind_of
from imagekit.engine.auditing import auditor
from imagekit.engine.auditing.auditor import audit, scene_of
from imagekit.engine.auditing.examine import Examination
from imagekit.engine.auditing.report import Finding, Unchecked
from imagekit.engine.auditing.waivers import WaiversInvalid, parse_waivers
from imagekit.spec import parse_spec
from imagekit.testing.planted import canaries, read_planting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from imagekit.engine.opened import Opened
    from imagekit.testing.memory import MemoryGuest
    from imagekit.testing.phony import Recipe

HOMES = {
    "debian": "debian-12",
    "rhel": "rocky-9",
    "suse": "opensuse-leap-15.6",
    "arch": "arch",
    "alpine": "alpine-3.20",
}
ID = "d1200000000040008000000000000012"
LAYOUT = Layout(
    "/dev/sda2",
    (Mount("/dev/sda2", "/dev/sda2", "ext4", "/"), Mount("/dev/sda1", "/dev/sda1", "vfat", "/boot/efi")),
    (
        Filesystem("/dev/sda1", "vfat", "AAAA-BBBB"),
        Filesystem("/dev/sda2", "ext4", "u2"),
        Filesystem("/dev/sda3", "crypto_LUKS", "u3"),
        Filesystem("/dev/sda4", "crypto_LUKS", "u4"),
        Filesystem("/dev/mapper/imagekit0", "xfs", "u5", container="/dev/sda4"),
    ),
)


@pytest.fixture
def disks(
    opened_guest: Callable[[MemoryGuest], Opened], base: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Mapping[str, MemoryGuest | Exception]], None]:
    """Have images by their names hold guests, or be refused; they must be opened for reading, without a network."""

    def put(images: Mapping[str, MemoryGuest | Exception]) -> None:
        @contextlib.contextmanager
        def checked(image: Path, *_: Any) -> Iterator[Any]:
            yield base.model_copy(update={"path": image})

        @contextlib.contextmanager
        def opened(info: Any, workspace: Any, settings: Any, *_: Any, readonly: bool) -> Iterator[Opened]:
            assert readonly
            assert not settings.network
            found = images[info.path.name]
            if isinstance(found, Exception):
                raise found
            yield opened_guest(found)

        monkeypatch.setattr(auditor, "checked", checked)
        monkeypatch.setattr(auditor, "opened", opened)
        monkeypatch.setattr(auditor.Workspace, "scratch", contextlib.nullcontext)

    return put


def test_a_clean_template_passes(disks: Any, template: MemoryGuest) -> None:
    disks({"a": template})

    report = audit("a", fail_on="warning", strict=True)

    assert report.passed
    assert report.spec == ""
    assert report.images[0].guest == template.facts


def test_findings_come_with_the_spec_that_mends_them(disks: Any, debian: MemoryGuest) -> None:
    disks({"a": debian})

    report = audit("a")

    assert not report.passed
    assert report.spec.endswith("  - generalize: {only: [dbus-machine-id, machine-id, random-seed, ssh-host-keys]}\n")
    assert parse_spec(report.spec).transforms
    assert [each.severity for each in report.findings] == sorted(
        (each.severity for each in report.findings), key=["error", "warning", "note"].index
    )


def test_what_may_be_meant_to_be_there_is_not_in_that_spec(disks: Any, debian: MemoryGuest) -> None:
    disks({"a": debian})

    report = audit("a")

    assert "hostname" in {each.rule for each in report.findings}
    assert "hostname" not in report.spec


def test_deleted_secrets_are_looked_for_if_that_is_asked_for(
    disks: Any, clean_debian: MemoryGuest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleted_secrets(name: str, *_: Any) -> Examination:
        told = {"rule": "deleted-secret", "image": name, "path": "/dev/sda1 at byte 7"}
        return Examination([Finding(**told, severity="error", message="x")], [Unchecked(**told, reason="x")])

    disks({"a": clean_debian})
    monkeypatch.setattr(auditor, "deleted_secrets", deleted_secrets)

    shallow, deep = audit("a"), audit("a", deep=True)

    assert "deleted-secret" not in {rule.id for rule in shallow.checked} | {each.rule for each in shallow.findings}
    assert (deep.findings[0].rule, len(deep.unchecked) - len(shallow.unchecked)) == ("deleted-secret", 1)
    assert "deleted-secret" in {rule.id for rule in deep.checked}


def test_no_machine_id_is_in_a_report(disks: Any, debian: MemoryGuest) -> None:
    debian.add(f"/boot/loader/entries/{ID}-6.1.conf", f"options systemd.machine_id={ID}\n")
    debian.add(f"/var/log/journal/{ID}/system.journal", "")
    disks({"a": debian})

    assert ID not in audit("a").model_dump_json()


def test_fail_on_never_passes_all(disks: Any, debian: MemoryGuest) -> None:
    disks({"a": debian})

    assert audit("a", fail_on="never").passed


def test_waivers_let_findings_pass(disks: Any, clean_debian: MemoryGuest, tmp_path: Path) -> None:
    clean_debian.write("/etc/shadow", "root::1::::::\n")
    disks({"a": clean_debian})
    waivers = parse_waivers("waivers: [{rule: empty-password, reason: a lab, until: 2999-01-01}]")

    report = audit("a", waivers=waivers)

    assert report.passed
    assert [each.waived.reason for each in report.findings if each.waived] == ["a lab"]
    assert report.spec == ""


def test_waivers_are_read_before_anything_is_opened(tmp_path: Path) -> None:
    with pytest.raises(WaiversInvalid):
        audit(tmp_path / "none.qcow2", waivers=tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("error", "rule"),
    [(Hibernated("/dev/sda3"), "hibernated"), (UncleanFilesystem("/dev/sda1", "xfs"), "unclean-filesystem")],
)
def test_a_system_that_was_not_shut_down_is_a_finding(disks: Any, error: Exception, rule: str) -> None:
    disks({"a": error})

    report = audit("a")

    assert [(each.rule, each.severity) for each in report.findings] == [(rule, "error")]
    assert not report.passed
    assert len(report.unchecked) == 1


def test_the_only_image_that_cannot_be_opened_is_an_error(disks: Any) -> None:
    disks({"a": NoSystem(())})

    with pytest.raises(NoSystem):
        audit(["a"])


def test_one_of_several_is_told_and_the_others_are_looked_at(disks: Any, debian: MemoryGuest) -> None:
    disks({"a": NoSystem(()), "b": debian})

    report = audit(["a", "b"])

    assert report.images[0].refused is not None
    assert report.images[0].refused.code == "IK-IMG-040"
    assert {each.image for each in report.findings} == {"b"}
    assert [each.image for each in report.unchecked] == ["a"]


def test_clones_that_are_equal_are_told(disks: Any, recipes: dict[str, Recipe]) -> None:
    disks({"a": recipes["rocky-9"].guest(), "b": recipes["rocky-9"].guest()})

    report = audit(["a", "b"], as_="instance")

    assert not report.passed
    assert ("a", "machine-id", ("b",)) in {(each.image, each.rule, each.shared_with) for each in report.findings}


def test_an_image_that_is_given_twice_is_looked_at_once(disks: Any, debian: MemoryGuest) -> None:
    disks({"a": debian})

    assert len(audit(["a", "a"], as_="instance").images) == 1


def test_the_disk_is_part_of_the_scene(
    opened_guest: Callable[[MemoryGuest], Opened], debian: MemoryGuest, base: Any
) -> None:
    image = replace(opened_guest(debian), layout=LAYOUT, info=base.model_copy(update={"snapshots": 3}))

    scene = scene_of(image)

    assert (scene.root, scene.snapshots) == ("/dev/sda2", 3)
    assert [(each.name, each.mountpoint, each.opened) for each in scene.devices] == [
        ("/dev/sda1", "/boot/efi", True),
        ("/dev/sda2", "/", True),
        ("/dev/sda3", None, False),
        ("/dev/sda4", None, True),
        ("/dev/mapper/imagekit0", None, True),
    ]
    assert scene.answers("UUID=u2")
    assert not scene.answers("UUID=elsewhere")


def test_the_spec_that_mends_flaws_is_a_spec(disks: Any, clean_debian: MemoryGuest) -> None:
    clean_debian.rm_f("/usr/bin/growpart")
    clean_debian.write("/etc/shadow", "root::1::::::\n")
    clean_debian.add("/root/cloud.pem", "-----BEGIN PRIVATE KEY-----\n")
    disks({"a": clean_debian})

    kinds = [kind_of(step.kind) for step in parse_spec(audit("a").spec).transforms]

    assert kinds == ["packages", "delete", "run"]


@pytest.mark.parametrize("family", HOMES)
def test_all_that_a_guest_that_has_lived_holds_is_found_and_nothing_of_it_is_told(
    disks: Any, recipes: dict[str, Recipe], family: str
) -> None:
    planting, guest = read_planting(), recipes[HOMES[family]].guest()
    names = planting.ids(family)
    planting.plant(guest, names)
    disks({"a": guest})

    report = audit("a")

    text = re.sub(r'"path":"(?:[^"\\\\]|\\\\.)*"', "", report.model_dump_json())  # a name may be a token's own
    assert set(names) - {each.rule for each in report.findings} == set()
    assert [word for name in names if name != "hostname" for word in canaries(name) if word in text] == []
    assert report.unchecked == ()
