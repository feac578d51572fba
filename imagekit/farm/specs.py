"""The specs of a farm's jobs, each with its values; and whether all of them are right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.catalog import load_catalog
from imagekit.diagnostics import Diagnostic, Place, SpecInvalid
from imagekit.engine.identities import check_names
from imagekit.engine.target import Wish, decide_form
from imagekit.errors import SpecError
from imagekit.farm.document import FarmInvalid
from imagekit.spec import load_spec
from imagekit.spec.sentences import nearest_name
from imagekit.spec.templates import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from imagekit.farm.document import Farm
    from imagekit.farm.job import Job
    from imagekit.spec import Spec
    from imagekit.transform import Transform

_Key = tuple[Path, tuple[tuple[str, str], ...]]
_CHOSEN = "--set "


def load_job_spec(
    job: Job,
    *,
    secrets: Mapping[str, str] | None = None,
    catalog: Mapping[str, type[Transform]] | None = None,
    withhold_secrets: bool = False,
) -> Spec:
    """Return the spec of a job with the job's values; those of variables that it does not have are left out.

    Args:
        job: with values as the matrix gives them.
        secrets: sources that win over the spec's.
        catalog: the kinds; those of this installation if None.
        withhold_secrets: read no secret.

    Raises:
        SpecInvalid: with every problem.
    """
    return load_spec(
        _shown(job.spec),
        variables=_texts(job),
        secrets=secrets,
        catalog=catalog,
        withhold_secrets=withhold_secrets,
        leave_out_unused=True,
    )


class Specs:
    """The specs of jobs without the values of their secrets, each read once for each combination of values.

    Args:
        secrets: sources that win over those of the specs.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._secrets = dict(secrets or {})
        self._catalog = load_catalog()
        self._known: dict[_Key, Spec] = {}

    def of(self, job: Job) -> Spec:
        """Return the spec of a job.

        Raises:
            SpecInvalid: with every problem.
        """
        key = _key(job)
        if key not in self._known:
            self._known[key] = load_job_spec(job, secrets=self._secrets, catalog=self._catalog, withhold_secrets=True)
        return self._known[key]


def check_specs(farm: Farm, jobs: Sequence[Job], specs: Specs) -> None:
    """Load every spec with every combination of values that it gets, so that what is wrong shows before anything runs.

    Args:
        farm: that the jobs are of.
        jobs: all of the farm: with a part of them a variable may seem to be of no use.
        specs: takes what was loaded.

    Raises:
        SpecInvalid: with every problem of all specs, each once.
        FarmInvalid: the specs are right, and a variable that a job has a value of is of none of them.
    """
    found: dict[Diagnostic, list[_Key]] = {}
    keys: dict[_Key, None] = {}
    for job in jobs:
        key = _key(job)
        if key not in keys:
            keys[key] = None
            for problem in _problems(job, specs):
                found.setdefault(problem, []).append(key)
    if found:
        raise SpecInvalid(tuple(_told(problem, where, keys) for problem, where in found.items()))
    unknown = tuple(_unknown_variables(farm, jobs, {name for job in jobs for name in specs.of(job).vars}))
    if unknown:
        raise FarmInvalid(unknown)


def _problems(job: Job, specs: Specs) -> Iterator[Diagnostic]:
    """Yield what is wrong with the spec of a job whatever the image."""
    try:
        spec = specs.of(job)
        check_names(spec.keep_identity)
        decide_form(Wish(), "qcow2", spec)
    except SpecInvalid as invalid:
        for each in invalid.diagnostics:
            message = f"matrix: {each.message.removeprefix(_CHOSEN)}"
            yield replace(each, message=message) if each.message.startswith(_CHOSEN) else each
    except SpecError as error:
        yield Diagnostic(error.code, error.message, "", Place(str(_shown(job.spec)), 1, 1), error.why, error.fix)


def _told(problem: Diagnostic, where: Sequence[_Key], every: Iterable[_Key]) -> Diagnostic:
    """Return a problem with the values that it is there for, unless it is there for all."""
    paths = {path for path, _ in where}
    total = sum(path in paths for path, _ in every)
    if len(where) == total:
        return problem
    shown = ", ".join(f"{name}={value}" for name, value in where[0][1])
    with_values = f"with {shown}" if len(where) == 1 else f"with {shown}, and {len(where) - 1} others of {total}"
    return replace(problem, why=f"{problem.why}; {with_values}" if problem.why else with_values)


def _unknown_variables(farm: Farm, jobs: Sequence[Job], known: set[str]) -> Iterator[Diagnostic]:
    for name in dict.fromkeys(name for job in jobs for name in job.values):
        if name not in known:
            near = nearest_name(name, tuple(sorted(known)))
            fix = f'did you mean "{near}"?' if near else f"use it in a spec: ${{{{ {name} }}}}"
            message = f'no spec has a variable "{name}"'
            if name in farm.matrix:
                yield farm.diagnostic("IK-FARM-022", message, ("matrix", name), key=True, fix=fix)
            else:
                yield Diagnostic("IK-FARM-022", f"--set {name}: {message}", fix=fix)


def _key(job: Job) -> _Key:
    return job.spec, tuple(_texts(job).items())


def _texts(job: Job) -> dict[str, str]:
    return {name: as_text(value) for name, value in job.values.items()}


def _shown(path: Path) -> Path:
    """Return a path as places show it: relative to the current folder if it is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
