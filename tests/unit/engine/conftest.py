"""A build without an appliance: a memory guest, a session that says yes, and kinds that do what a test says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pytest

from imagekit.appliance.layout import Layout, Mount
from imagekit.catalog import Catalog
from imagekit.diagnostics import Problem
from imagekit.engine.opened import Opened
from imagekit.errors import StepError
from imagekit.guest.errors import NoSuchFile
from imagekit.images.info import ImageInfo
from imagekit.secret import SecretText
from imagekit.spec import Spec, parse_spec
from imagekit.system.fields import text_of
from imagekit.transform import Transform
from imagekit.transforms.generalize import Generalize
from imagekit.transforms.machine_id import MachineId
from imagekit.transforms.ssh_host_keys import SshHostKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.testing.memory import MemoryGuest


class Put(Transform):
    """Write a text."""

    kind: Literal["put"] = "put"
    path: str
    text: SecretText = ""

    def apply(self, guest: Guest) -> None:
        guest.write(self.path, text_of(self.text))


class Command(Transform):
    """Run a program of the guest, which a test answers."""

    main: ClassVar[str | None] = "word"
    opaque: ClassVar[bool] = True
    kind: Literal["command"] = "command"
    word: str = "true"
    again: bool = False
    network: bool = False

    @property
    def volatile(self) -> bool:
        return self.again

    @property
    def needs_network(self) -> bool:
        return self.network

    def apply(self, guest: Guest) -> None:
        guest.command([self.word])


class Objects(Transform):
    """Find that the guest does not fit, once it is looked at."""

    kind: Literal["objects"] = "objects"
    zone: str = "x"

    def apply(self, guest: Guest) -> None:
        raise Problem("zone", f"no zone {self.zone}", fix="take another", code="IK-TST-001")


class Tells(Transform):
    """Do something that its author may not have meant."""

    kind: Literal["tells"] = "tells"

    def apply(self, guest: Guest) -> None:
        guest.write("/etc/motd", "told")

    def remarks(self, guest: Guest) -> Iterator[str]:
        yield f"it says {guest.read_file('/etc/motd').decode()}"


class Fails(Transform):
    """Fail."""

    kind: Literal["fails"] = "fails"

    def apply(self, guest: Guest) -> None:
        raise NoSuchFile("write", "/no/where")


class Claims(Transform):
    """Say that the machine-id is blank, and leave it."""

    kind: Literal["claims"] = "claims"
    opaque: ClassVar[bool] = True

    @property
    def resets(self) -> tuple[str, ...]:
        return ("machine-id",)

    def apply(self, guest: Guest) -> None:
        guest.command(["claim"])


KINDS = (Put, Command, Objects, Tells, Fails, Claims, Generalize, MachineId, SshHostKeys)


class FakeSession:
    """A session that carries out nothing; answers may be set by verb."""

    accelerator = "tcg"
    launch_seconds = 1.25
    version = "1.48.6"
    warm = False

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {}
        self.stopped = False

    def call(self, verb: str, *args: Any, deadline: float | None = None, **_: Any) -> Any:
        self.calls.append((verb, *args))
        answer = self.answers.get(verb)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def script(self, text: str, *, deadline: float | None = None) -> str:
        return str(self.call("script", text) or "")

    def shutdown(self) -> None:
        self.calls.append(("shutdown",))
        self.stopped = True


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def parse() -> Callable[..., Spec]:
    """Return the spec of a text, with the kinds of this folder."""
    catalog = Catalog({str(kind.model_fields["kind"].default): kind for kind in KINDS})
    return lambda text, **more: parse_spec(text, "spec.yaml", catalog=catalog, **more)


@pytest.fixture
def blank(debian: MemoryGuest) -> MemoryGuest:
    """A guest that holds no identity yet, as a template should be."""
    debian.write("/etc/machine-id", "")
    debian.rm_f("/var/lib/dbus/machine-id")
    debian.ln_sf("/etc/machine-id", "/var/lib/dbus/machine-id")
    for path in (*debian.glob_expand("/etc/ssh/ssh_host_*"), "/var/lib/systemd/random-seed"):
        debian.rm_f(path)
    return debian


@pytest.fixture
def base(tmp_path: Path) -> ImageInfo:
    """A base that was checked: a small file that is no real image."""
    path = tmp_path / "base.qcow2"
    path.write_bytes(b"the base")
    found = path.stat()
    return ImageInfo(
        path=path,
        format="qcow2",
        virtual_size=1 << 30,
        file_size=found.st_size,
        actual_size=found.st_size,
        device=found.st_dev,
        inode=found.st_ino,
        mtime_ns=found.st_mtime_ns,
    )


@pytest.fixture
def opened_guest(base: ImageInfo, session: FakeSession) -> Callable[[MemoryGuest], Opened]:
    """Return a guest as if it had been opened from the base."""
    layout = Layout("/dev/sda1", (Mount("/dev/sda1", "/dev/sda1", "ext4", "/"),), ())
    return lambda guest: Opened(base, Path("overlay.qcow2"), session, layout, guest)


@pytest.fixture
def brings(blank: MemoryGuest) -> Iterator[Callable[[str, str], None]]:
    """Have a program of the guest leave a file behind, as package scripts do."""

    def bring(path: str, content: str) -> None:
        def run(argv: tuple[str, ...], env: Any) -> int:
            blank.write(path, content)
            return 0

        blank.answer(run)

    return bring


@pytest.fixture
def step_error() -> type[StepError]:
    return StepError
