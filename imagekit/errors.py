"""Every error that imagekit raises on purpose, by who must act.

    ImagekitError
    ├── SpecError        2  the author of the spec or of the command line
    ├── HostError        3  whoever looks after this host: a tool, space, a lock, a binding
    ├── ImageError       4  the owner of the image: it is unsafe, damaged, or not what the spec needs
    ├── FindingsError    5  nobody has to: something was looked for, and found
    ├── ApplianceError   6  the appliance died, hung or never came up
    ├── StepError        7  the author of the step that failed inside the guest
    └── Interrupted    130  the user, who asked for it

The number is the exit status of the ``imagekit`` command. Concrete errors live beside the code that raises
them; each takes domain arguments, keeps them as attributes, and writes its own sentence. Anything else that
escapes is a bug (exit status 1).
"""

from __future__ import annotations

from typing import ClassVar


class ImagekitError(Exception):
    """The root: what happened, why, and what to do about it.

    Attributes:
        code: stable name of the kind of error, ``IK-<area>-<number>``; part of the API.
        message: one sentence: what happened, and where.
        why: the rule or the fact behind it; may be empty.
        fix: what to do next; may be empty.
        exit_status: what the ``imagekit`` command exits with.
    """

    exit_status: ClassVar[int] = 1
    code: ClassVar[str] = "IK-GEN-000"

    def __init__(self, message: str, *, why: str = "", fix: str = "") -> None:
        self.message = message
        self.why = why
        self.fix = fix
        super().__init__(message)

    def document(self) -> dict[str, object]:
        """Return the error as what ``--json`` prints below ``error``."""
        return {
            "code": self.code,
            "message": self.message,
            "why": self.why,
            "fix": self.fix,
            "exit_status": self.exit_status,
        }


class SpecError(ImagekitError):
    """The spec or the command line is wrong whatever the image."""

    exit_status = 2
    code = "IK-SPEC-000"


class HostError(ImagekitError):
    """This host cannot do the work: a tool, space, a lock or the binding is missing."""

    exit_status = 3
    code = "IK-HOST-000"


class ImageError(ImagekitError):
    """The image is unsafe or damaged, or the spec does not fit it."""

    exit_status = 4
    code = "IK-IMG-000"


class FindingsError(ImagekitError):
    """Something was looked for and found: a plan that is not empty, a receipt that does not match."""

    exit_status = 5
    code = "IK-FIND-000"


class ApplianceError(ImagekitError):
    """The appliance died, hung or never came up."""

    exit_status = 6
    code = "IK-APP-000"


class StepError(ImagekitError):
    """A step failed inside the guest; nothing was published."""

    exit_status = 7
    code = "IK-STEP-000"


class Interrupted(ImagekitError):
    """The user ended the run; nothing was published."""

    exit_status = 130
    code = "IK-INT-130"
