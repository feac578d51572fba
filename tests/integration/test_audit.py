"""A real Debian before and after generalize, as audit sees it: what it names, and that it names nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import imagekit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.appliance]

SPEC = """\
version: 1
name: template
transforms:
  - hostname: localhost
  - packages: {install: [cloud-guest-utils]}  # without growpart the root would not grow, and audit says so
  - generalize
"""


@pytest.fixture(scope="module", params=["debian_12", pytest.param("debian_13", marks=pytest.mark.proof)])
def base(request: pytest.FixtureRequest) -> Path:
    image: Path = request.getfixturevalue(request.param)
    return image


@pytest.fixture(scope="module")
def generalized(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    spec = folder / "spec.yaml"
    spec.write_text(SPEC)
    imagekit.customize(base, spec, output=folder / "generalized.qcow2")
    return folder / "generalized.qcow2"


def test_an_installed_system_is_not_fit_to_be_cloned_and_the_report_has_the_spec_that_mends_it(base: Path) -> None:
    report = imagekit.audit(base)

    assert not report.passed
    assert {"machine-id", "ssh-host-keys"} <= {finding.rule for finding in report.of("error")}
    assert "generalize" in report.spec or "machine-id" in report.spec


def test_a_root_that_nothing_grows_is_told(base: Path) -> None:
    assert "no-growth" in {finding.rule for finding in imagekit.audit(base).of("note")}


def test_a_generalized_system_has_nothing_against_it(generalized: Path) -> None:
    report = imagekit.audit(generalized, strict=True)

    assert [(finding.rule, finding.path, finding.message) for finding in report.findings] == []
    assert report.unchecked == ()
    assert report.passed


def test_a_second_generalize_changes_nothing(generalized: Path) -> None:
    again = imagekit.plan(generalized, generalized.with_name("spec.yaml"))

    assert [change for step in again.steps for change in step.changes] == []
