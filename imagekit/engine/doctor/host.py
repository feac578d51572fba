"""Where doctor looks, and how: the host's folders and programs as one value, so that a test can be any host."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.errors import HostError
from imagekit.process import Finished, Limits, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ADMIN_PATH = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_SECONDS = 30.0


def _ask(argv: Sequence[str]) -> Finished | None:
    """Run a program that only tells something; None if it is not there, hangs or fails."""
    try:
        return run(argv, limits=Limits(seconds=_SECONDS))
    except HostError:
        return None


@dataclass(frozen=True, slots=True)
class Host:
    """A host, as far as doctor looks at it.

    Attributes:
        machine: as ``uname -m`` says it.
        path: folders where programs are.
        boot: where kernels are.
        modules: where their modules are, a folder a version.
        kvm: the KVM device.
        cache: where libguestfs keeps its appliance; ``.guestfs-UID`` below it.
        temporary: where throw-away overlays go.
        here: where outputs go unless said.
        ask: runs a program, and returns what it said, or None.
    """

    machine: str = field(default_factory=platform.machine)
    path: str = field(default_factory=lambda: os.pathsep.join((os.environ.get("PATH", os.defpath), *_ADMIN_PATH)))
    boot: Path = Path("/boot")
    modules: Path = Path("/lib/modules")
    kvm: Path = Path("/dev/kvm")
    cache: Path = Path("/var/tmp")  # noqa: S108  libguestfs' own default
    temporary: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    here: Path = field(default_factory=Path.cwd)
    ask: Callable[[Sequence[str]], Finished | None] = _ask

    def which(self, *names: str) -> str:
        """Return the path of the first of these programs that there is, or ""."""
        return next((found for name in names if (found := shutil.which(name, path=self.path))), "")
