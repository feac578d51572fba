"""What a build may raise besides what its parts do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.errors import ApplianceError, FindingsError, HostError, ImageError, SpecError, StepError

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.diagnostics import Diagnostic
    from imagekit.steps import Step


class StepFailed(StepError):
    """A step failed; nothing was published."""

    code = "IK-STEP-001"

    def __init__(self, step: Step, cause: StepError) -> None:
        self.step_id = step.id
        self.cause_code = cause.code
        where = f"{step.place}  " if step.place else ""
        super().__init__(
            f"{where}step {step.position} ({step.kind}) failed: {cause.message}", why=cause.why, fix=cause.fix
        )

    def document(self) -> dict[str, object]:
        """Return the error with the step, for ``--json``."""
        return {**super().document(), "step": self.step_id, "cause": self.cause_code}


class IdentityCameBack(StepError):
    """An identity that was reset is there again at the end of the build."""

    code = "IK-STEP-003"

    def __init__(self, identity: str, paths: tuple[str, ...]) -> None:
        self.identity = identity
        self.paths = paths
        super().__init__(
            f"{identity} was reset, and is there again at {', '.join(paths)}",
            why="a template with it would give every clone the same one",
        )


class ResultBroken(StepError):
    """The guest would not start as it did before."""

    code = "IK-STEP-004"

    def __init__(self, complaints: tuple[str, ...]) -> None:
        self.complaints = complaints
        super().__init__(
            "the result would not start: " + "; ".join(complaints),
            why="it was so neither in the base nor asked for; a step removed or left something unfinished",
        )


class BootFull(StepError):
    """/boot has no room left."""

    code = "IK-STEP-005"

    def __init__(self, free: int) -> None:
        self.free = free
        super().__init__(
            f"/boot has {free >> 10} KiB left, so an initramfs in it may be cut off",
            fix="remove old kernels in an earlier step, or grow /boot",
        )


class PlanDiffers(FindingsError):
    """What the build changed is not what the saved plan says."""

    code = "IK-FIND-001"

    def __init__(self, differences: tuple[str, ...]) -> None:
        self.differences = differences
        shown = "; ".join(differences[:5])
        super().__init__(
            f"the changes are not those of the saved plan, so nothing was published: {shown}",
            fix="look at imagekit plan, and save it anew if it is right",
        )


class UnknownIdentity(SpecError):
    """``keep_identity`` names an identity that the catalogue does not have."""

    code = "IK-SPEC-090"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(f"keep_identity: there is no identity {name!r}", fix="known are: " + ", ".join(known))


class OutputsUnsupported(SpecError):
    """The spec asks for outputs that this release cannot make."""

    code = "IK-SPEC-091"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"outputs: {what}", fix="give one output of format qcow2 or raw")


class PlanUnreadable(SpecError):
    """A saved plan cannot be read."""

    code = "IK-USE-002"

    def __init__(self, path: Path, error: Exception) -> None:
        self.path = path
        reason = error.strerror if isinstance(error, OSError) else "it is not a plan of this version"
        super().__init__(f"cannot read the plan {path}: {reason}", fix="save one with: imagekit plan BASE SPEC -o PLAN")


class InPlaceRefused(SpecError):
    """What was asked for cannot replace the base."""

    code = "IK-USE-004"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the base cannot be replaced in place: {reason}", fix="write a new image with -o")


class SeedInvalid(SpecError):
    """A file of a seed is nothing that cloud-init would take; carries every diagnostic at once."""

    code = "IK-SEED-002"

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        count = len(diagnostics)
        super().__init__(f"{count} problem{'' if count == 1 else 's'} in the seed")

    def __str__(self) -> str:
        return "\n\n".join(each.render() for each in self.diagnostics)

    def document(self) -> dict[str, object]:
        """Return the error with its diagnostics, for ``--json``."""
        return {**super().document(), "diagnostics": [each.document() for each in self.diagnostics]}


class SeedUnreadable(SpecError):
    """A file that a seed is made of cannot be read."""

    code = "IK-SEED-003"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot read {path}: {reason}")


class SeedOverInput(SpecError):
    """The seed disk would replace a file that it is made of."""

    code = "IK-SEED-004"

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        super().__init__(f"the output {path} is the {name} itself", fix="take another name with -o")


class BadCloneCount(SpecError):
    """So many clones are not booted."""

    code = "IK-USE-005"

    def __init__(self, count: int, most: int) -> None:
        self.count = count
        super().__init__(f"{count} clones cannot be booted", fix=f"boot 1 to {most}; two are enough to compare")


class ForeignMachine(ImageError):
    """The guest is for a processor that no machine of a boot has."""

    code = "IK-CLONE-001"

    def __init__(self, arch: str) -> None:
        self.arch = arch
        super().__init__(f"a guest for {arch} cannot be booted here", why="clones are booted on an x86-64 machine")


class CannotKeepLog(HostError):
    """The log of a clone's serial line cannot be written."""

    code = "IK-CLONE-002"

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        super().__init__(
            f"cannot keep the serial logs in {folder}: {reason}", fix="give another folder: --keep-serial DIR"
        )


class ClonesUnfit(FindingsError):
    """What was built is not fit to be cloned: its clones share an identity, lack one, or came up with a failure."""

    code = "IK-CLONE-003"

    def __init__(self, findings: tuple[str, ...]) -> None:
        self.findings = findings
        super().__init__(
            "the clones of the result are not as they should be, so nothing was published: " + "; ".join(findings[:5]),
            fix="look at imagekit audit, and at the serial logs",
        )

    def document(self) -> dict[str, object]:
        """Return the error with all findings, for ``--json``."""
        return {**super().document(), "findings": list(self.findings)}


class CloneUndecided(ApplianceError):
    """A clone of what was built did not come up in a way that proves anything."""

    code = "IK-CLONE-004"

    def __init__(self, findings: tuple[str, ...]) -> None:
        self.findings = findings
        super().__init__(
            "the clones of the result prove nothing, so nothing was published: " + "; ".join(findings[:5]),
            fix="look at the serial logs; build without --prove, and try imagekit boot with more time",
        )
