"""What the command line itself may refuse, on top of what the library raises."""

from __future__ import annotations

from imagekit.errors import HostError, ImagekitError, SpecError


class BadUsage(SpecError):
    """The words of the command line do not fit together."""

    code = "IK-USE-010"

    def __init__(self, message: str, command: str, *, why: str = "", fix: str = "") -> None:
        self.command = command
        super().__init__(message, why=why, fix=fix or f"run: {command} --help")


class UnknownCommand(BadUsage):
    """There is no such command."""

    code = "IK-USE-011"

    def __init__(self, name: str, nearest: str) -> None:
        self.name = name
        fix = f"did you mean: imagekit {nearest}" if nearest else ""
        super().__init__(f"there is no command {name!r}", "imagekit", fix=fix)


class UnknownOption(BadUsage):
    """The command has no such option."""

    code = "IK-USE-012"

    def __init__(self, option: str, command: str, nearest: str) -> None:
        self.option = option
        fix = f"did you mean: {nearest}" if nearest else ""
        super().__init__(f"{command} has no option {option}", command, fix=fix)


class CannotWrite(HostError):
    """A file that was asked for beside the image, or standard output, cannot be written."""

    code = "IK-HOST-020"

    def __init__(self, what: str, reason: str) -> None:
        self.what = what
        self.reason = reason
        super().__init__(f"cannot write {what}: {reason}")


class Ended(ImagekitError):
    """The run was asked to end, by SIGTERM."""

    exit_status = 143
    code = "IK-INT-143"


class Bug(ImagekitError):
    """Something escaped that nobody expected."""

    code = "IK-BUG-001"

    def __init__(self, error: BaseException, log: str) -> None:
        self.log = log
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        where = f"the traceback and the versions are in {log}" if log else "no log could be written"
        super().__init__(f"this is a bug in imagekit: {told}", why=where, fix="report it, with that file if you can")

    def document(self) -> dict[str, object]:
        """Return the error with the path of its log, for ``--json``."""
        return {**super().document(), "log": self.log}
