from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.services import sysv
from imagekit.system.services.sysv import Header, SysV
from imagekit.testing.memory import Dir, File, Link, MemoryGuest

LSB = """\
#!/bin/sh
### BEGIN INIT INFO
# Provides:          nginx
# Required-Start:    $remote_fs $network db
# Should-Start:      $named
# Required-Stop:     $remote_fs
# X-Start-Before:    web
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
### END INIT INFO
# Default-Start: 1
"""
RHEL = "#!/bin/bash\n# chkconfig: 345 85 15\n# description: a server \\\n#  of pages\n"


def debian_like(**scripts: str) -> MemoryGuest:
    guest = MemoryGuest({f"/etc/rc{level}.d": Dir() for level in "0123456S"})
    for name, text in scripts.items():
        guest.add(f"/etc/init.d/{name}", File(text, mode=0o755))
    return guest


def links(guest: MemoryGuest) -> list[str]:
    return [path.removeprefix("/etc/") for path, node in sorted(guest.tree.walk("/etc")) if node.kind == "symlink"]


def test_the_header_of_the_lsb_is_read() -> None:
    assert sysv.header_of(LSB) == Header(
        start="2345", end="016", requires=("$remote_fs", "$network", "db", "$named"), before=("web",)
    )


def test_the_header_of_chkconfig_is_read() -> None:
    assert sysv.header_of(RHEL) == Header(start="345", end="0126", number=85, stop=15)
    assert sysv.header_of("# chkconfig: - 85 15\n").start == "2345"


def test_a_script_without_either_starts_in_the_usual_runlevels() -> None:
    assert sysv.header_of("#!/bin/sh\n") == Header()


@pytest.mark.parametrize(
    ("header", "number"),
    [
        (Header(), 20),
        (Header(requires=("db", "$network")), 31),
        (Header(requires=("db",), before=("web",)), 23),
        (Header(before=("early",)), 17),
        (Header(requires=("$all",)), 99),
        (Header(number=85), 85),
    ],
)
def test_a_script_starts_after_what_it_requires_and_before_what_it_must_precede(header: Header, number: int) -> None:
    assert sysv.order_of(header, {"early": 18, "db": 22, "networking": 30, "web": 25}) == number


def test_it_starts_where_its_header_says_and_stops_elsewhere() -> None:
    guest = debian_like(nginx=LSB)

    SysV().enable(guest, "nginx")

    assert links(guest) == [
        "rc0.d/K80nginx",
        "rc1.d/K80nginx",
        "rc2.d/S20nginx",
        "rc3.d/S20nginx",
        "rc4.d/S20nginx",
        "rc5.d/S20nginx",
        "rc6.d/K80nginx",
    ]
    assert guest.readlink("/etc/rc2.d/S20nginx") == "../init.d/nginx"
    assert SysV().state(guest, "nginx") == "enabled"


def test_below_rc_d_the_numbers_are_those_of_chkconfig() -> None:
    guest = MemoryGuest({f"/etc/rc.d/rc{level}.d": Dir() for level in "0123456"})
    guest.add("/etc/rc3.d", Link("rc.d/rc3.d"))
    guest.add("/etc/init.d/httpd", File(RHEL, mode=0o755))

    SysV().enable(guest, "httpd")

    assert guest.ls("/etc/rc.d/rc3.d") == ("S85httpd",)
    assert guest.ls("/etc/rc.d/rc2.d") == ("K15httpd",)


def test_disabling_leaves_a_link_that_stops_and_enabling_undoes_it() -> None:
    guest = debian_like(cron="# chkconfig: 2345 30 70\n")
    SysV().enable(guest, "cron")
    enabled = links(guest)

    SysV().disable(guest, "cron")
    disabled = links(guest)
    SysV().enable(guest, "cron")

    assert [path for path in disabled if path.startswith("rc2")] == ["rc2.d/K70cron"]
    assert not any("/S" in path for path in disabled)
    assert links(guest) == enabled


def test_a_script_that_starts_already_keeps_its_place() -> None:
    guest = debian_like(cron="")
    for level in "2345":
        guest.add(f"/etc/rc{level}.d/S89cron", Link("../init.d/cron"))

    SysV().enable(guest, "cron")

    assert links(guest) == [f"rc{level}.d/S89cron" for level in "2345"]


def test_another_script_of_a_longer_name_is_not_touched() -> None:
    guest = debian_like(cron="", anacron="")
    SysV().enable(guest, "anacron")

    SysV().disable(guest, "cron")

    assert SysV().state(guest, "anacron") == "enabled"


def test_a_masked_script_does_not_start_nor_run() -> None:
    guest = debian_like(cron="")
    SysV().enable(guest, "cron")

    SysV().mask(guest, "cron")
    SysV().mask(guest, "not-there")

    assert SysV().state(guest, "cron") == "masked"
    assert not any("/S" in path for path in links(guest))


def test_without_runlevels_nothing_can_be_enabled() -> None:
    guest = MemoryGuest({"/etc/init.d/cron": File("", mode=0o755)})

    with pytest.raises(Problem, match=r"no rcN\.d folders"):
        SysV().enable(guest, "cron")


DEPENDS = "TARGETS = rsyslog ssh cron\nINTERACTIVE = \nssh: rsyslog\ncron: rsyslog\n"


def test_what_startpar_starts_is_told_too() -> None:
    guest = debian_like(job="")
    guest.add(sysv.DEPENDENCIES, DEPENDS)
    guest.write(
        "/etc/init.d/job", "### BEGIN INIT INFO\n# Required-Start: $syslog\n# X-Start-Before: ssh\n### END INIT INFO\n"
    )

    SysV().enable(guest, "job")
    enabled = guest.read_file(sysv.DEPENDENCIES).decode()
    SysV().enable(guest, "job")
    again = guest.read_file(sysv.DEPENDENCIES).decode()
    SysV().disable(guest, "job")

    assert enabled == (
        "TARGETS = rsyslog ssh cron job\nINTERACTIVE = \nssh: job rsyslog\ncron: rsyslog\njob: rsyslog\n"
    )
    assert again == enabled
    assert guest.read_file(sysv.DEPENDENCIES).decode() == DEPENDS


def test_without_anything_to_precede_that_has_a_line_one_is_added() -> None:
    text = sysv.with_target("TARGETS = a b\n", "x", Header(before=("b",)))

    assert text == "TARGETS = a b x\nb: x\n"
