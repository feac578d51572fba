from __future__ import annotations

import pytest

from imagekit.appliance.errors import (
    ApplianceDied,
    BindingMissing,
    BuildTimeout,
    HostDiskFault,
    LaunchFailed,
    LaunchTimeout,
    NetworkForbidden,
    StepTimeout,
    VerbTimeout,
)
from imagekit.errors import ApplianceError, HostError, ImagekitError, StepError


@pytest.mark.parametrize(
    ("error", "family", "sentence"),
    [
        (
            BindingMissing(("/usr/bin/python3",)),
            HostError,
            "the libguestfs binding for Python is not installed on this host",
        ),
        (HostDiskFault("write", "I/O error"), HostError, "the host could not write the image: I/O error"),
        (LaunchFailed("no kernel"), ApplianceError, "the appliance did not start: no kernel"),
        (LaunchTimeout(180.4), ApplianceError, "the appliance did not start within 180 s"),
        (ApplianceDied("write", "got SIGKILL"), ApplianceError, "the appliance ended during write: got SIGKILL"),
        (
            VerbTimeout("write", 300),
            ApplianceError,
            "the appliance did not answer write within 300 s and was ended",
        ),
        (BuildTimeout("write"), ApplianceError, "the build ran out of time during write"),
        (StepTimeout("apt-get", 3600), StepError, "apt-get did not end within 3600 s"),
        (
            NetworkForbidden("apt-get"),
            StepError,
            "apt-get needs the network, which this build may not use",
        ),
    ],
)
def test_each_error_says_what_happened_and_who_must_act(
    error: ImagekitError, family: type[ImagekitError], sentence: str
) -> None:
    assert isinstance(error, family)
    assert error.message == str(error) == sentence


@pytest.mark.parametrize(
    "error", [HostDiskFault("a", "b"), LaunchFailed("x"), LaunchTimeout(1), ApplianceDied("a", "b"), BuildTimeout("a")]
)
def test_each_that_can_be_mended_says_how(error: ImagekitError) -> None:
    assert error.fix
