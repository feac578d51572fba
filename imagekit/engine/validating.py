"""``validate``: is a spec right whatever the image? Nothing is opened and no secret is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from imagekit.engine.identities import check_names
from imagekit.receipt import SourceRecord
from imagekit.spec import load_spec
from imagekit.steps import Step, make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class SpecReport(BaseModel):
    """A spec that is right: where it was read from, and its steps in the order that would run."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str | None = None
    """The spec's name."""
    sources: tuple[SourceRecord, ...] = ()
    """The files that were read, in the order in which they were given and included."""
    steps: tuple[Step, ...] = ()


def validate(
    *specs: str | Path,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
) -> SpecReport:
    """Check spec files, together and in order, as ``customize`` would take them.

    Args:
        specs: YAML files.
        variables: values that win over those of the files (``--set``).
        secrets: sources that win over those of the files (``--secret``); they are checked, not read.

    Raises:
        SpecInvalid: with every problem, on the author's own lines.
        UnknownIdentity: ``keep_identity`` names one that there is not.
    """
    spec = load_spec(*specs, variables=variables, secrets=secrets, withhold_secrets=True)
    check_names(spec.keep_identity)
    sources = tuple(SourceRecord(file=source.file, sha256=source.sha256) for source in spec.sources)
    return SpecReport(name=spec.name, sources=sources, steps=make_plan(spec).steps)
