from __future__ import annotations

from typing import Any

import pytest

from imagekit.system import dropbear
from imagekit.testing.memory import MemoryGuest

UNIT = "/usr/lib/systemd/system/dropbear.service"
DEBIAN = 'EnvironmentFile=-/etc/default/dropbear\nExecStart=/usr/sbin/dropbear -EF -p "$P" $DROPBEAR_EXTRA_ARGS\n'
KEY = "/etc/dropbear/dropbear_rsa_host_key"


def test_the_server_is_there_or_not() -> None:
    assert dropbear.is_installed(MemoryGuest({"/usr/sbin/dropbear": ""}))
    assert not dropbear.is_installed(MemoryGuest({"/usr/bin/dropbearkey": ""}))


def test_keys_are_found_at_their_usual_places_and_where_the_server_is_told_of_them() -> None:
    told = {
        "/etc/default/dropbear": (
            '# DROPBEAR_EXTRA_ARGS="-r /no"\nDROPBEAR_EXTRA_ARGS="-r /a -r/b -w"\nDROPBEAR_RSAKEY="/c"\n'
        ),
        UNIT: "[Service]\nExecStart=/usr/sbin/dropbear -F -r /d\n",
    }
    keys = {KEY, "/a", "/b", "/c", "/d", "/etc/dropbear-initramfs/dropbear_ecdsa_host_key"}
    guest = MemoryGuest({**told, **dict.fromkeys([*keys, "/no", "/etc/dropbear/dropbear.conf"], "k")})

    assert set(dropbear.key_files(guest)) == keys
    assert dropbear.early_keys(guest) == ("/etc/dropbear-initramfs/dropbear_ecdsa_host_key",)


@pytest.mark.parametrize(
    ("files", "makes"),
    [
        ({UNIT: "[Service]\nExecStart=/usr/bin/dropbear -F -P /run/dropbear.pid -R\n"}, True),
        ({UNIT: "[Service]\nExecStart=/usr/bin/dropbear -EFR\n"}, True),
        ({UNIT: "[Unit]\nWants=dropbear-keygen.service\n"}, True),
        ({"/etc/init.d/dropbear": "#!/sbin/openrc-run\n/usr/bin/dropbearkey -t rsa -f $key\n"}, True),
        ({UNIT: DEBIAN, "/etc/default/dropbear": 'DROPBEAR_EXTRA_ARGS="-R"\n'}, True),
        ({UNIT: DEBIAN, "/etc/default/dropbear": '#DROPBEAR_EXTRA_ARGS="-R"\n'}, False),
        ({UNIT: DEBIAN}, False),
        ({}, False),
    ],
)
def test_who_starts_it_has_it_make_keys_or_not(files: dict[str, Any], makes: bool) -> None:
    assert dropbear.makes_keys(MemoryGuest(files)) is makes


@pytest.mark.parametrize(
    ("starter", "text", "path"),
    [
        (UNIT, DEBIAN, "/etc/default/dropbear"),
        ("/etc/init.d/dropbear", 'command_args="$DROPBEAR_OPTS"\n', "/etc/conf.d/dropbear"),
    ],
)
def test_the_server_is_told_where_its_starter_reads_arguments(starter: str, text: str, path: str) -> None:
    guest = MemoryGuest({starter: text})

    assert dropbear.have_keys_made(guest)
    assert dropbear.makes_keys(guest)
    assert b"-R" in guest.read_file(path)


def test_a_starter_that_reads_no_arguments_cannot_be_told() -> None:
    guest = MemoryGuest({UNIT: "[Service]\nExecStart=/usr/sbin/dropbear -F\n"})

    assert not dropbear.have_keys_made(guest)
    assert not guest.exists("/etc")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'ARGS="-R"\n'),
        ("# none", '# none\nARGS="-R"\n'),
        ('ARGS=""\nX=1\n', 'ARGS="-R"\nX=1\n'),
        ("ARGS=-w\n", 'ARGS="-w -R"\n'),
        ("ARGS='-w'\n", 'ARGS="-w -R"\n'),
        ('ARGS="-R -w"\n', 'ARGS="-R -w"\n'),
        ('ARGS="-R"\nARGS="-w"\n', 'ARGS="-R"\nARGS="-w -R"\n'),
    ],
)
def test_keys_on_demand_are_one_more_argument(before: str, after: str) -> None:
    assert dropbear.with_keys_on_demand(before, "ARGS") == after
