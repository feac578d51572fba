"""Deleted secrets in a real disk: found where they are, told from what files hold, and gone from what was published."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

import imagekit

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.engine.auditing import AuditReport

pytestmark = [pytest.mark.appliance]

DELETED = "/srv/deploy.key"
HASH = "$6$/mfD96VBF0gqc3H0$nE04bTyLwXGu6ZxeGcbTeUFJa389mJtCVCx/e0oZoa0Z.0nr45sm0NhTM2pN.NU55oPS81b2/QqY1p6a3M0"


def guestfish(image: Path, *commands: str) -> None:
    """Change an image without the product, by emulation as everywhere in these tests."""
    argv = ["guestfish", "--rw", "--format=qcow2", "-a", str(image), "-i"]
    environment = {"LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg", "PATH": "/usr/bin:/bin"}
    text = "\n".join([*commands, "sync", ""])
    subprocess.run(argv, input=text, text=True, check=True, env=environment, timeout=600)


@pytest.fixture(scope="module")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deep")


@pytest.fixture(scope="module")
def key(workdir: Path) -> str:
    """The text of a private key, fresh from ssh-keygen."""
    path = workdir / "deploy.key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path.read_text(encoding="ascii")


@pytest.fixture(scope="module")
def sullied(debian_12: Path, workdir: Path, key: str) -> Path:
    """A copy of the image in which a private key, and a file of accounts with a hash, were written and deleted."""
    image = workdir / "sullied.qcow2"
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", debian_12, image], check=True)
    line = workdir / "line"
    line.write_text(f"installer:{HASH}:19000:0:99999:7:::\n", encoding="ascii")
    guestfish(
        image,
        f"upload {workdir / 'deploy.key'} {DELETED}",
        f"upload {line} /srv/shadow",
        "sync",
        f"rm {DELETED}",
        "rm /srv/shadow",
    )
    return image


@pytest.fixture(scope="module")
def report(sullied: Path) -> AuditReport:
    return imagekit.audit(sullied, deep=True)


def test_what_was_deleted_is_found_with_its_place(report: AuditReport) -> None:
    found = [finding for finding in report.findings if finding.rule == "deleted-secret"]

    assert sorted(finding.severity for finding in found) == ["error", "warning"]
    assert all(finding.path.startswith("/dev/sda") and "(ext4)" in finding.message for finding in found)


def test_what_files_hold_is_left_to_other_rules(report: AuditReport) -> None:
    assert {"ssh-host-keys"} <= {finding.rule for finding in report.findings}
    assert len([finding for finding in report.findings if finding.rule == "deleted-secret"]) == 2


def test_nothing_of_a_secret_is_told(report: AuditReport, key: str) -> None:
    text = report.model_dump_json()

    assert HASH not in text
    assert [line for line in key.splitlines() if line in text] == []


def test_what_was_published_by_the_spec_of_the_report_holds_none(
    report: AuditReport, sullied: Path, workdir: Path
) -> None:
    spec = workdir / "mend.yaml"
    spec.write_text(report.spec, encoding="ascii")
    imagekit.customize(sullied, spec, output=workdir / "published.qcow2")

    report = imagekit.audit(workdir / "published.qcow2", deep=True, strict=True)

    assert [(finding.path, finding.message) for finding in report.findings if finding.rule == "deleted-secret"] == []
    assert (report.passed, report.unchecked) == (True, ())
