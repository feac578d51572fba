"""What the appliance may raise."""

from __future__ import annotations

from imagekit.errors import ApplianceError, HostError, StepError


class BindingMissing(HostError):
    """No interpreter on this host can import the guestfs binding."""

    code = "IK-HOST-010"

    def __init__(self, tried: tuple[str, ...]) -> None:
        self.tried = tried
        super().__init__(
            "the libguestfs binding for Python is not installed on this host",
            why="none of these can import guestfs: " + ", ".join(tried),
            fix="apt-get install python3-guestfs   (PyPI has no such package)",
        )


class HostDiskFault(HostError):
    """The host's disk failed under the appliance."""

    code = "IK-HOST-012"

    def __init__(self, operation: str, reason: str) -> None:
        self.operation = operation
        self.reason = reason
        super().__init__(
            f"the host could not {operation} the image: {reason}",
            fix="look at the host's disk and its kernel log",
        )


class LaunchFailed(ApplianceError):
    """The appliance never came up."""

    code = "IK-APP-001"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the appliance did not start: {reason}", fix="run: imagekit doctor")


class LaunchTimeout(ApplianceError):
    """The appliance did not come up in time."""

    code = "IK-APP-002"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"the appliance did not start within {seconds:.0f} s", fix="run: imagekit doctor")


class ApplianceDied(ApplianceError):
    """The appliance or its worker ended in the middle of the work."""

    code = "IK-APP-003"

    def __init__(self, verb: str, how: str) -> None:
        self.verb = verb
        self.how = how
        super().__init__(
            f"the appliance ended during {verb}: {how}",
            why="a program or a file system in the guest may need more memory than the appliance has",
            fix="try again with more memory: --memory 2048",
        )


class VerbTimeout(ApplianceError):
    """The appliance did not answer in time, and was ended."""

    code = "IK-APP-004"

    def __init__(self, verb: str, seconds: float) -> None:
        self.verb = verb
        self.seconds = seconds
        super().__init__(f"the appliance did not answer {verb} within {seconds:.0f} s and was ended")


class BuildTimeout(ApplianceError):
    """The whole build took longer than it may."""

    code = "IK-APP-005"

    def __init__(self, verb: str) -> None:
        self.verb = verb
        super().__init__(f"the build ran out of time during {verb}", fix="allow more with --timeout SECONDS")


class StepTimeout(StepError):
    """A guest program ran longer than its step allows; the session was ended."""

    code = "IK-STEP-002"

    def __init__(self, program: str, seconds: float) -> None:
        self.program = program
        self.seconds = seconds
        super().__init__(
            f"{program} did not end within {seconds:.0f} s",
            fix="give the step a larger timeout, or find out what it waits for",
        )


class NetworkForbidden(StepError):
    """A step needs the network, and the build may not use it."""

    code = "IK-STEP-006"

    def __init__(self, program: str) -> None:
        self.program = program
        super().__init__(
            f"{program} needs the network, which this build may not use",
            fix="leave --no-network out, or install from a folder",
        )
