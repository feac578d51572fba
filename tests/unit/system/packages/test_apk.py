from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from imagekit.guest.facts import Facts
from imagekit.system.packages import apk
from imagekit.system.packages.repository import Repository
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from pathlib import Path

INSTALLED = """\
C:Q1abc=
P:busybox
V:1.36-r0
p:/bin/sh cmd:ls=1.36-r0 mailx=1
F:bin
R:busybox

P:musl
V:1.2-r0
p:so:libc.musl=1
"""


def test_installed_is_read_from_the_database_before_and_after_its_move() -> None:
    found = {"busybox": "1.36-r0", "musl": "1.2-r0", "mailx": "", "/bin/sh": ""}

    assert [apk.Apk().installed(MemoryGuest({path: INSTALLED})) for path in apk.DATABASES] == [found, found]


def verb(argv: tuple[str, ...]) -> str:
    return next(word for word in argv if word in {"add", "del", "upgrade", "index"})


def test_no_index_and_no_package_stays() -> None:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: 0)

    apk.Apk().install(guest, ("nginx",))
    apk.Apk().remove(guest, ("nginx=1-r0",))
    apk.Apk().update(guest)

    assert all("--no-cache" in ran.argv for ran in guest.commands)
    assert [(verb(ran.argv), ran.network) for ran in guest.commands] == [
        ("add", True),
        ("del", False),
        ("upgrade", True),
    ]
    assert guest.commands[1].argv[-1] == "nginx"


def test_holding_is_a_version_in_the_world_file() -> None:
    guest = MemoryGuest({apk.DATABASES[0]: INSTALLED, apk.WORLD: "alpine-base\nmusl>1\n"})

    apk.Apk().hold(guest, ("musl",))

    assert guest.read_file(apk.WORLD) == b"alpine-base\nmusl=1.2-r0\n"
    assert apk.Apk().held(guest) == {"musl"}


def index_of(text: str) -> bytes:
    """Return an APKINDEX.tar.gz as ``apk index`` writes it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in (("DESCRIPTION", "x"), ("APKINDEX", text)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


def test_a_folder_is_indexed_by_architecture_and_is_then_the_only_repository(alpine: MemoryGuest) -> None:
    alpine.add("/f/demo-1-r0.apk", "x")

    def answer(argv: tuple[str, ...], _env: object) -> int:
        if verb(argv) == "index":
            alpine.write(argv[argv.index("--output") + 1], index_of("P:demo\nV:1-r0\np:virtual=3\n\n"))
        return 0

    alpine.answer(answer)

    found = apk.Apk().index(alpine, "/f")
    apk.Apk().install(alpine, ("demo",), folder="/f")

    assert found == {"demo": "1-r0"}
    assert alpine.commands[0].argv[-1] == "/f/x86_64/demo-1-r0.apk"
    install = alpine.commands[1]
    assert not install.network
    assert install.argv[3:8] == ("--repositories-file", "/dev/null", "--repository", "/f", "--allow-untrusted")
    assert install.argv[-3:] == ("--no-network", "add", "demo")


def test_the_architecture_is_alpines_own_word_for_it() -> None:
    guest = MemoryGuest({"/f/a.apk": ""}, Facts(arch="i686"))
    guest.answer(lambda argv, _env: guest.write(argv[argv.index("--output") + 1], index_of("")) or 0)

    apk.Apk().index(guest, "/f")

    assert guest.exists("/f/x86/a.apk")


def test_nothing_is_removed_by_itself_for_apk_always_does() -> None:
    guest = MemoryGuest()

    apk.Apk().autoremove(guest)

    assert guest.commands == []


def test_a_repository_is_a_line_and_its_key_keeps_the_name_that_signatures_refer_to(tmp_path: Path) -> None:
    guest = MemoryGuest({apk.REPOSITORIES: "https://mirror.example.org/main\n"})
    (tmp_path / "me@example.org.rsa.pub").write_text("KEY")
    key = {"file": str(tmp_path / "me@example.org.rsa.pub")}
    mine = Repository(name="mine", url="https://example.org/alpine", key=key)

    apk.Apk().declare(guest, mine)
    apk.Apk().declare(guest, mine)

    assert guest.read_file(apk.REPOSITORIES) == b"https://mirror.example.org/main\nhttps://example.org/alpine\n"
    assert guest.read_file("/etc/apk/keys/me@example.org.rsa.pub") == b"KEY"
