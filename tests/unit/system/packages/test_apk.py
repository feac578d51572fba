from __future__ import annotations

from imagekit.system.packages import apk
from imagekit.testing.memory import MemoryGuest

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


def test_no_index_and_no_package_stays() -> None:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: 0)

    apk.Apk().install(guest, ("nginx",))
    apk.Apk().remove(guest, ("nginx",))
    apk.Apk().update(guest)

    assert all("--no-cache" in ran.argv for ran in guest.commands)
    assert [(ran.argv[3], ran.network) for ran in guest.commands] == [("add", True), ("del", False), ("upgrade", True)]


def test_holding_is_a_version_in_the_world_file() -> None:
    guest = MemoryGuest({apk.DATABASES[0]: INSTALLED, apk.WORLD: "alpine-base\nmusl>1\n"})

    apk.Apk().hold(guest, ("musl",))

    assert guest.read_file(apk.WORLD) == b"alpine-base\nmusl=1.2-r0\n"
    assert apk.Apk().held(guest) == {"musl"}
