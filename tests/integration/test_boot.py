"""Clones of real images, booted by the product: a template passes, a mere copy does not, and the image is untouched."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import imagekit
from imagekit_cli.app import main

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.engine.booting.report import BootReport, IdentityResult

pytestmark = [pytest.mark.appliance, pytest.mark.boots, pytest.mark.proof, pytest.mark.timeout(7200)]

SPEC = "version: 1\nname: template\ntransforms: [machine-id, ssh-host-keys]\n"
ID = "1f2e3d4c5b6a4798a1b2c3d4e5f60718"  # of the fixture, as if it had been installed and booted once


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _result(report: BootReport, name: str) -> IdentityResult:
    return next(each for each in report.identities if each.id == name)


@pytest.fixture(scope="module")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("boot")


@pytest.fixture(scope="module")
def copied(debian_12_nocloud: Path, workdir: Path):
    """A mere copy of Debian 12 without cloud-init, through the command line: status, report, digests around it."""
    before = _digest(debian_12_nocloud)
    with pytest.MonkeyPatch.context() as patch:
        said = workdir / "copy.json"
        with said.open("w") as out:
            patch.setattr("sys.stdout", out)
            status = main(
                ["boot", str(debian_12_nocloud), "--json", "--junit", str(workdir / "copy.xml"), "--keep-serial", str(workdir / "logs")]
            )  # fmt: skip
    return status, imagekit.BootReport.model_validate(json.loads(said.read_text())), before


@pytest.fixture(scope="module")
def template(debian_12_nocloud: Path, workdir: Path) -> Path:
    spec = workdir / "template.yaml"
    spec.write_text(SPEC)
    imagekit.customize(debian_12_nocloud, spec, output=workdir / "template.qcow2")
    return workdir / "template.qcow2"


def test_a_mere_copy_fails_and_what_is_equal_is_named(copied) -> None:
    status, report, _ = copied

    assert status == 5
    assert report.verdict == "failed"
    for name in ("machine-id", "ssh-host-keys"):
        assert _result(report, name).judgement == "equal"
        assert _result(report, name).in_image


def test_the_clones_of_a_copy_come_up_all_the_same_and_power_off_by_the_probe(copied) -> None:
    _, report, _ = copied

    assert [len(clone.boots) for clone in report.clones] == [2, 2]
    for clone in report.clones:
        assert clone.unread == ""
        for record in clone.boots:
            assert (record.outcome, record.power_off) == ("up", "probe"), record.why


def test_the_image_is_untouched_and_nothing_is_left_beside_it(copied, debian_12_nocloud: Path) -> None:
    *_, before = copied

    assert _digest(debian_12_nocloud) == before
    assert not list(debian_12_nocloud.parent.glob(".imagekit-*"))


def test_no_machine_id_is_in_anything_that_is_written(copied, workdir: Path) -> None:
    logs = list((workdir / "logs").iterdir())

    assert sorted(path.name for path in logs) == [f"clone-{n}.boot-{b}.log" for n in (1, 2) for b in (1, 2)]
    for path in (workdir / "copy.json", workdir / "copy.xml", *logs):
        assert ID not in path.read_text()


def test_junit_has_a_case_for_each_boot_and_fails_what_is_equal(copied, workdir: Path) -> None:
    cases = {case.get("name"): case for case in ET.parse(workdir / "copy.xml").iter("testcase")}

    assert {"boot 1", "boot 2", "machine-id", "ssh-host-keys"} <= cases.keys()
    assert cases["machine-id"].find("failure") is not None


def test_clones_of_a_template_are_machines_of_their_own(template: Path) -> None:
    report = imagekit.boot(template)

    assert report.findings == ()
    assert report.verdict == "passed"
    for name in ("machine-id", "ssh-host-keys"):
        result = _result(report, name)
        assert (result.judgement, result.in_image) == ("proven", False)
        assert len({mark.second for mark in result.clones}) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", mark.second) for mark in _result(report, "machine-id").clones)


def test_clones_with_the_same_hardware_tell_what_comes_from_it(template: Path) -> None:
    """Under emulation too systemd takes the UUID of the firmware, since the machine says that it is qemu's."""
    report = imagekit.boot(template, same_hardware=True)

    assert report.from_hardware == ("machine-id",)
    assert _result(report, "ssh-host-keys").judgement == "proven"
    assert report.verdict == "passed"


@pytest.mark.parametrize("release", ["debian_12", "debian_13"])
def test_clones_of_a_generalized_image_with_cloud_init_take_their_seeds(
    release: str, request: pytest.FixtureRequest, workdir: Path
) -> None:
    spec = workdir / f"{release}.yaml"
    spec.write_text("version: 1\nname: cloud\ntransforms: [generalize, cloud-init: {clean: true}]\n")
    image = workdir / f"{release}.qcow2"
    imagekit.customize(request.getfixturevalue(release), spec, output=image)

    report = imagekit.boot(image)

    assert report.findings == ()
    assert report.verdict == "passed"
    assert [clone.boots[0].hostname for clone in report.clones] == ["clone-1", "clone-2"]
    assert {record.datasource for clone in report.clones for record in clone.boots} == {"DataSourceNoCloud"}
    for name in ("machine-id", "ssh-host-keys", "cloud-init-state"):
        assert _result(report, name).judgement == "proven"
