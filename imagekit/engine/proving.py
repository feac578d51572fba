"""Prove a result before it is published: each proof looks at a finished image, and raises what speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from imagekit.engine.auditing.proof import prove_audit
from imagekit.engine.booting import boot
from imagekit.engine.errors import ClonesUnfit, CloneUndecided
from imagekit.engine.options import Options
from imagekit.events import OnEvent, silent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Proof(Protocol):
    """One proof that an image is fit to be cloned."""

    def __call__(self, image: Path, options: Options, on_event: OnEvent, /) -> None:
        """Look at an image, and raise an ImagekitError that says what is wrong with it."""
        ...


def prove_boot(image: Path, options: Options, on_event: OnEvent) -> None:
    """Boot two clones of an image twice each.

    Raises:
        ClonesUnfit: they share an identity, lack one, or something in them failed.
        CloneUndecided: one of them did not come up in a way that proves anything.
    """
    report = boot(image, options=options, on_event=on_event)
    if report.verdict == "failed":
        raise ClonesUnfit(report.findings)
    if report.verdict == "undecided":
        raise CloneUndecided(report.findings)


PROOFS: tuple[Proof, ...] = (prove_audit, prove_boot)
"""The cheapest comes first."""


def prove(
    image: Path, *, proofs: Sequence[Proof] = PROOFS, options: Options | None = None, on_event: OnEvent = silent
) -> None:
    """Carry out proofs on an image, which is only read.

    Args:
        image: what would be published, complete.
        proofs: what it must stand.
        options: of the appliance; ``allow_backing`` must have what a thin image builds on.
        on_event: gets progress.

    Raises:
        ImagekitError: of the first proof that it does not stand.
    """
    for proof in proofs:
        proof(image, options or Options(), on_event)
