"""What a guest verb may raise."""

from __future__ import annotations

from imagekit.errors import StepError


class GuestError(StepError):
    """A verb could not do what it says."""

    code = "IK-GST-000"


class NoSuchFile(GuestError):
    """A path that a verb needs is not in the guest."""

    code = "IK-GST-001"

    def __init__(self, verb: str, path: str) -> None:
        self.verb = verb
        self.path = path
        super().__init__(f"{verb}: the guest has no {path}")


class WrongKind(GuestError):
    """A path is there, but it is not the kind of file that the verb needs."""

    code = "IK-GST-002"

    def __init__(self, verb: str, path: str, needed: str) -> None:
        self.verb = verb
        self.path = path
        self.needed = needed
        super().__init__(f"{verb}: {path} in the guest is not a {needed}")


class GuestDiskFull(GuestError):
    """A file system of the guest has no room left."""

    code = "IK-GST-003"

    def __init__(self, verb: str, path: str) -> None:
        self.verb = verb
        self.path = path
        super().__init__(
            f"{verb}: no space left in the guest's file system at {path}",
            fix="grow the image or its file system first, or remove something in an earlier step",
        )


class VerbFailed(GuestError):
    """A verb failed for a reason that has no class of its own."""

    code = "IK-GST-004"

    def __init__(self, verb: str, path: str, reason: str) -> None:
        self.verb = verb
        self.path = path
        self.reason = reason
        super().__init__(f"{verb}: {path}: {reason}" if path else f"{verb}: {reason}")


class BadGuestPath(GuestError):
    """A guest path is not absolute, or holds a NUL or a character that is no text."""

    code = "IK-GST-005"

    def __init__(self, path: object) -> None:
        self.path = path
        super().__init__(f"{path!r} is not an absolute guest path")
