"""Some of a farm's jobs: those that ``--only`` names, or the share of one machine."""

from __future__ import annotations

import difflib
import hashlib
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from imagekit.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.farm.job import Job


class NoSuchJob(SpecError):
    """A pattern of ``--only`` fits no job."""

    code = "IK-FARM-050"

    def __init__(self, pattern: str, nearest: str) -> None:
        self.pattern = pattern
        self.nearest = nearest
        fix = f"did you mean {nearest}?" if nearest else "imagekit batch --dry-run lists the jobs"
        super().__init__(f"no job is called {pattern}", why="--only takes names of jobs, or patterns of them", fix=fix)


class BadShard(SpecError):
    """A share of a farm is not of its form."""

    code = "IK-FARM-051"

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        self.reason = reason
        super().__init__(f"--shard {text}: {reason}", fix="write --shard 2/4 for the second of four shares")


def select(jobs: Sequence[Job], only: Sequence[str]) -> tuple[Job, ...]:
    """Return the jobs whose id one of the patterns fits, in their order; all if there are no patterns.

    Raises:
        NoSuchJob: for the first pattern that fits none.
    """
    for pattern in only:
        if not any(fnmatchcase(job.id, pattern) for job in jobs):
            near = difflib.get_close_matches(pattern, [job.id for job in jobs], n=1)
            raise NoSuchJob(pattern, near[0] if near else "")
    return tuple(job for job in jobs if not only or any(fnmatchcase(job.id, pattern) for pattern in only))


def parse_shard(text: str) -> tuple[int, int]:
    """Return the number of a share, from 1, and how many there are: ``2/4``.

    Raises:
        BadShard: the text is not of that form, or there is no such share.
    """
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if not found:
        raise BadShard(text, "it is not two numbers with a / between them")
    number, of = int(found[1]), int(found[2])
    if not 1 <= number <= of:
        raise BadShard(text, f"shares are numbered from 1 to {of}" if of else "there is no share of nothing")
    return number, of


def shard(jobs: Sequence[Job], number: int, of: int) -> tuple[Job, ...]:
    """Return one share of the jobs, in their order; shares differ in size by one job at the most.

    It depends on the ids alone, so that machines agree on the shares. Neighbours go to different shares, since jobs
    of one image, or of one spec, take much the same time.

    Args:
        jobs: all of the farm.
        number: of the share, from 1.
        of: how many shares there are.
    """
    mixed = sorted(jobs, key=lambda job: hashlib.sha256(job.id.encode(errors="surrogatepass")).digest())
    mine = {job.id for job in mixed[number - 1 :: of]}
    return tuple(job for job in jobs if job.id in mine)
