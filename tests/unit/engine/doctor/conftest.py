"""A host made of a few folders, with programs that answer without being started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.doctor.host import Host
from imagekit.process import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    HostWith = Callable[..., Host]

PROGRAMS = ("qemu-system-x86_64", "qemu-img", "setpriv", "supermin", "dhclient")


def _answer(argv: Sequence[str]) -> Finished | None:
    return Finished(0, f"{argv[0].rpartition('/')[2]} 1.2\nmore\n", "")


@pytest.fixture
def host_with(tmp_path: Path) -> HostWith:
    """``host_with(*programs, ask=…)``: a host that has these programs and nothing else."""

    def make(*programs: str, ask: Callable[[Sequence[str]], Finished | None] = _answer) -> Host:
        folders = {name: tmp_path / name for name in ("bin", "boot", "modules", "cache", "temporary", "here")}
        for folder in folders.values():
            folder.mkdir(exist_ok=True)
        for program in programs:
            path = folders["bin"] / program
            path.touch(mode=0o755)
        path = str(folders.pop("bin"))
        return Host(machine="x86_64", path=path, kvm=tmp_path / "kvm", ask=ask, **folders)

    return make


@pytest.fixture
def bare(host_with: HostWith) -> Host:
    """A host on which nothing is installed."""
    return host_with()


@pytest.fixture
def whole(host_with: HostWith) -> Host:
    """A host that has everything, but for KVM."""
    host = host_with(*PROGRAMS)
    (host.boot / "vmlinuz-6.1.0-9").touch()
    (host.modules / "6.1.0-9").mkdir()
    (host.modules / "6.1.0-9" / "modules.dep").touch()
    return host
