from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit.appliance.errors import StepTimeout
from imagekit.diagnostics import Diagnostic, Place
from imagekit.engine.errors import (
    BootFull,
    IdentityCameBack,
    InPlaceRefused,
    OutputsUnsupported,
    PlanDiffers,
    PlanUnreadable,
    ResultBroken,
    SeedInvalid,
    SeedOverInput,
    SeedUnreadable,
    StepFailed,
    UnknownIdentity,
)
from imagekit.steps import Step

if TYPE_CHECKING:
    from imagekit.errors import ImagekitError

STEP = Step(id="web", position=3, kind="run", title="run x", phase="content")


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (
            IdentityCameBack("machine-id", ("/etc/machine-id", "/x")),
            7,
            "machine-id was reset, and is there again at /etc/machine-id, /x",
        ),
        (ResultBroken(("no kernel is left", "b")), 7, "the result would not start: no kernel is left; b"),
        (BootFull(5 << 10), 7, "/boot has 5 KiB left, so an initramfs in it may be cut off"),
        (PlanDiffers(("a /x",)), 5, "the changes are not those of the saved plan, so nothing was published: a /x"),
        (SeedInvalid((Diagnostic("IK-CLD-004", "it is wrong"),)), 2, "1 problem in the seed"),
        (SeedUnreadable(Path("ud"), "it is no regular file"), 2, "cannot read ud: it is no regular file"),
        (SeedOverInput(Path("x"), "user-data"), 2, "the output x is the user-data itself"),
        (UnknownIdentity("x", ("a", "b")), 2, "keep_identity: there is no identity 'x'"),
        (OutputsUnsupported("format ova is not supported yet"), 2, "outputs: format ova is not supported yet"),
        (
            PlanUnreadable(Path("p.json"), ValueError("x")),
            2,
            "cannot read the plan p.json: it is not a plan of this version",
        ),
        (
            PlanUnreadable(Path("p.json"), FileNotFoundError(2, "No such file or directory")),
            2,
            "cannot read the plan p.json: No such file or directory",
        ),
    ],
)
def test_each_error_says_what_happened_and_ends_with_its_own_status(
    error: ImagekitError, status: int, sentence: str
) -> None:
    assert (error.message, error.exit_status) == (sentence, status)


def test_a_base_that_cannot_be_replaced_says_why() -> None:
    error = InPlaceRefused("an output has a name of its own")

    assert error.exit_status == 2
    assert "an output has a name of its own" in error.message + error.why


@pytest.mark.parametrize(
    ("place", "head"), [(None, "step 3 (run)"), (Place("spec.yaml", 4, 5), "spec.yaml:4:5  step 3 (run)")]
)
def test_a_failed_step_is_told_with_its_cause(place: Place | None, head: str) -> None:
    cause = StepTimeout("sleep", 5)
    error = StepFailed(STEP.model_copy(update={"place": place}), cause)

    assert error.message == f"{head} failed: sleep did not end within 5 s"
    assert (error.fix, error.exit_status) == (cause.fix, 7)
    assert error.document() == {
        "code": "IK-STEP-001",
        "message": error.message,
        "why": "",
        "fix": cause.fix,
        "exit_status": 7,
        "step": "web",
        "cause": "IK-STEP-002",
    }


def test_a_seed_that_is_wrong_carries_every_problem() -> None:
    error = SeedInvalid((Diagnostic("IK-CLD-004", "it is wrong"), Diagnostic("IK-CLD-004", "it is worse")))

    assert str(error) == "error IK-CLD-004  it is wrong\n\nerror IK-CLD-004  it is worse"
    assert [each["message"] for each in error.document()["diagnostics"]] == ["it is wrong", "it is worse"]
