"""The digest of all that goes into a job: an output whose receipt has it is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.appliance.accel import cache_folder
from imagekit.engine.inputs import digest_of_inputs
from imagekit.engine.target import Wish, decide_form
from imagekit.images.digests import Digests
from imagekit.images.errors import ImageUnreadable
from imagekit.images.safety import ImageLimits, check_file

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.farm.job import Job
    from imagekit.farm.specs import Specs
    from imagekit.images.info import Format


class Inputs:
    """Digests of jobs, as ``customize`` writes them into receipts; a base is read once, however many jobs it has.

    For one thread.

    Args:
        specs: the specs of the jobs.
        cache: the folder where digests of bases are kept; that of this user if None.
    """

    def __init__(self, specs: Specs, cache: Path | None = None) -> None:
        self._specs = specs
        self._digests = Digests(cache or cache_folder())
        self._bases: dict[tuple[int, ...], tuple[Format, str]] = {}

    def of(self, job: Job) -> str:
        """Return the digest of all that would go into a job now.

        Raises:
            SpecInvalid: its spec is wrong.
            ImageError: its base is refused, or cannot be read; that is the job's failure, not the farm's.
            SpecError: the base cannot become what the spec asks for.
        """
        spec = self._specs.of(job)
        kind, sha256 = self._base(job.image)
        return digest_of_inputs(spec, sha256, decide_form(Wish(output=job.output), kind, spec))

    def _base(self, path: Path) -> tuple[Format, str]:
        try:
            found = path.stat()
            key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            if key not in self._bases:
                checked = check_file(path, limits=ImageLimits())
                self._bases[key] = (checked.format, self._digests.of(checked.path))
        except OSError as error:
            raise ImageUnreadable(path, error.strerror or "I/O error") from error
        return self._bases[key]
