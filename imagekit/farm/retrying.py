"""Whether a job that failed is worth another attempt: only for what may have passed by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.appliance.errors import BindingMissing, BuildTimeout
from imagekit.errors import ApplianceError, HostError, StepError
from imagekit.farm.outcomes import JobOutOfTime
from imagekit.hostdisk import HostDiskFull
from imagekit.images.lock import CannotLock
from imagekit.images.overlay import BaseNameTooLong
from imagekit.images.publish import CannotReplaceBase
from imagekit.images.workspace import FolderUnusable, UnsafeFolder
from imagekit.process import ToolMissing
from imagekit.system.packages.program import DownloadFailed

if TYPE_CHECKING:
    from imagekit.farm.job import Outcome

_FAMILIES = frozenset({HostError.exit_status, ApplianceError.exit_status})
_LASTING = frozenset(
    error.code
    for error in (
        # Of the host: somebody must do something first.
        *(ToolMissing, BindingMissing, HostDiskFull, CannotLock, FolderUnusable, UnsafeFolder),
        *(CannotReplaceBase, BaseNameTooLong),
        # Of the job: what takes too long once takes too long again.
        *(BuildTimeout, JobOutOfTime),
    )
)


def worth_another(outcome: Outcome) -> bool:
    """Tell whether the same job may well succeed at another time.

    Yes for trouble of the host or the appliance that time may mend, for a package that could not be fetched because of
    the network, and for a job that was ended from outside. Never for a wrong spec or image, a command that failed, what
    took too long, or a bug.
    """
    if outcome.state == "interrupted":
        return True
    if outcome.state != "failed":
        return False
    if outcome.exit_status == StepError.exit_status:
        return DownloadFailed.code in (outcome.code, outcome.cause)
    return outcome.exit_status in _FAMILIES and outcome.code not in _LASTING
