"""What a caller may say about how a build is carried out, whatever the spec."""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from imagekit.appliance.session import Settings
from imagekit.errors import SpecError


class BadKey(SpecError):
    """A ``--key`` is not of its form, or its file cannot be read; what may be a passphrase is not told."""

    code = "IK-USE-001"

    def __init__(self, device: str, reason: str) -> None:
        self.device = device
        self.reason = reason
        super().__init__(
            f"--key {device}: {reason}" if device else f"--key: {reason}",
            fix="write --key /dev/sda2=file:PATH, or --key UUID=file:PATH",
        )


class Options(BaseModel):
    """How a build is carried out; the global options of the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory: int = Field(1024, ge=256, description="MiB of the appliance's memory.")
    cpus: int = Field(1, ge=1, le=64, description="Processors of the appliance.")
    timeout: float | None = Field(None, gt=0, description="Seconds that the whole build may take.")
    network: bool = Field(default=True, description="Whether steps that need the network may have it.")
    proxy: str | None = Field(None, description="HTTP proxy for steps that use the network; never kept in the image.")
    cold: bool = Field(default=False, description="Boot the appliance, even where a saved one could be resumed.")
    keys: tuple[str, ...] = Field((), description="DEVICE=file:PATH for each encrypted device.")
    allow_backing: tuple[Path, ...] = Field((), description="Files or folders that an image may build on.")

    def settings(self, *, network: bool, memory: int = 0) -> Settings:
        """Return how the appliance is made for a build that does or does not use the network."""
        until = time.monotonic() + self.timeout if self.timeout else None
        return Settings(
            memory=max(memory, self.memory), cpus=self.cpus, network=network, until=until, warm=not self.cold
        )

    def read_keys(self) -> dict[str, bytes]:
        """Return device or UUID -> key, read from the files.

        Raises:
            BadKey: one is not of its form, or its file cannot be read.
        """
        return dict(_read_key(text) for text in self.keys)


def _read_key(text: str) -> tuple[str, bytes]:
    device, equals, source = text.partition("=")
    if not device or not source.startswith("file:"):
        raise BadKey(device if equals else "", "it is not of the form DEVICE=file:PATH")
    try:
        return device, Path(source.removeprefix("file:")).read_bytes().rstrip(b"\n")
    except OSError as error:
        raise BadKey(device, f"cannot read the file: {error.strerror}") from error
