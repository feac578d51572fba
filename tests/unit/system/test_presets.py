from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system import presets
from imagekit.testing.memory import Link, MemoryGuest

INSTALLABLE = "[Unit]\n\n[Install]\nWantedBy=multi-user.target\n"


@pytest.mark.parametrize(
    ("text", "installable"),
    [
        (INSTALLABLE, True),
        ("[Install]\nAlias=x.service\n", True),
        ("[Unit]\n[Install]\n", False),
        ("[Unit]\nAlso=x\n", False),
        ("[Install]\n#WantedBy=x\n[Service]\nAlias=x\n", False),
    ],
)
def test_only_a_unit_with_something_to_install_counts(text: str, installable: bool) -> None:
    assert presets.is_installable(text) is installable


def test_the_preset_tells_each_unit_to_stay_as_it_is() -> None:
    guest = MemoryGuest(
        {
            "/lib": Link("usr/lib"),
            "/usr/lib/systemd/system/on.service": INSTALLABLE,
            "/usr/lib/systemd/system/off.service": INSTALLABLE,
            "/usr/lib/systemd/system/static.service": "[Unit]\n",
            "/usr/lib/systemd/system/tty@.service": INSTALLABLE,
            "/usr/lib/systemd/system/aliased.service": INSTALLABLE,
            "/etc/systemd/system/multi-user.target.wants/on.service": Link("/lib/systemd/system/on.service"),
            "/etc/systemd/system/getty.target.wants/tty@1.service": Link("/lib/systemd/system/tty@.service"),
            "/etc/systemd/system/other.service": Link("/lib/systemd/system/aliased.service"),
            "/etc/systemd/system/off.service": Link("/dev/null"),
            "/etc/localtime": Link("/x"),
            "/etc/locale.conf": "",
            "/etc/shadow": "root:*:::::::\n",
        }
    )

    presets.make_first_boot_harmless(guest)

    lines = guest.read_file(presets.PRESET).decode().splitlines()[1:]
    assert lines == ["enable aliased.service", "disable off.service", "enable on.service", "enable tty@.service"]


def test_a_wizard_that_would_wait_at_the_console_is_refused(debian: MemoryGuest) -> None:
    debian.add("/usr/lib/systemd/system/systemd-firstboot.service", "[Unit]\n")
    presets.make_first_boot_harmless(debian)
    debian.rm_f("/etc/default/locale")
    debian.rm_f("/etc/localtime")

    with pytest.raises(Problem, match="locale and the time zone"):
        presets.make_first_boot_harmless(debian)


def test_a_masked_wizard_asks_nothing(debian: MemoryGuest) -> None:
    debian.add("/usr/lib/systemd/system/systemd-firstboot.service", "[Unit]\n")
    debian.add("/etc/systemd/system/systemd-firstboot.service", Link("/dev/null"))
    debian.rm_f("/etc/default/locale")

    presets.make_first_boot_harmless(debian)

    assert debian.exists(presets.PRESET)
