from __future__ import annotations

import pytest

from imagekit.appliance.errors import ApplianceDied, BuildTimeout, LaunchTimeout, StepTimeout, VerbTimeout
from imagekit.farm.outcomes import JobDied, JobLost, JobOutOfTime
from imagekit.farm.retrying import worth_another
from imagekit.hostdisk import HostDiskFull
from imagekit.images.lock import CannotLock, ImageLocked
from imagekit.images.workspace import FolderMissing, FolderUnusable, UnsafeFolder
from imagekit.process import ToolFailed, ToolMissing
from imagekit.system.packages.program import DownloadFailed
from imagekit.system.shell import CommandFailed


@pytest.fixture
def ended_by(make_outcome):
    return lambda error, **fields: make_outcome(
        state="failed", exit_status=error.exit_status, code=error.code, **fields
    )


@pytest.mark.parametrize(
    "error", [ImageLocked, ToolFailed, ApplianceDied, LaunchTimeout, VerbTimeout, JobDied, JobLost]
)
def test_trouble_of_the_host_or_the_appliance_may_have_passed(ended_by, error) -> None:
    assert worth_another(ended_by(error))


@pytest.mark.parametrize("error", [ToolMissing, HostDiskFull, CannotLock, FolderUnusable, UnsafeFolder])
def test_trouble_that_somebody_must_mend_stays(ended_by, error) -> None:
    assert not worth_another(ended_by(error))


@pytest.mark.parametrize("error", [BuildTimeout, JobOutOfTime, StepTimeout])
def test_what_takes_too_long_takes_too_long_again(ended_by, error) -> None:
    assert not worth_another(ended_by(error))


def test_a_package_that_could_not_be_fetched_may_be_had_later(make_outcome) -> None:
    failed = make_outcome(state="failed", exit_status=7, code="IK-STEP-001", cause=DownloadFailed.code)

    assert worth_another(failed)


def test_a_command_that_failed_fails_again(make_outcome) -> None:
    failed = make_outcome(state="failed", exit_status=7, code="IK-STEP-001", cause=CommandFailed.code)

    assert not worth_another(failed)


@pytest.mark.parametrize("status", [1, 2, 4, 5])
def test_bugs_specs_and_images_do_not_mend_themselves(make_outcome, status) -> None:
    assert not worth_another(make_outcome(state="failed", exit_status=status, code="IK-SPEC-001"))
    assert FolderMissing.exit_status == 2


def test_a_job_that_somebody_ended_from_outside_is_worth_another(make_outcome) -> None:
    assert worth_another(make_outcome(state="interrupted", exit_status=143))


def test_what_is_done_is_done(make_outcome) -> None:
    assert not worth_another(make_outcome(state="done"))
