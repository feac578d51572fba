from __future__ import annotations

import pytest

from imagekit.system.homes import below_homes, homes, is_person
from imagekit.testing.memory import MemoryGuest

PEOPLE = "/home" + "/*"
ALWAYS = ("/etc/skel", PEOPLE, "/root")


def passwd(*lines: str) -> MemoryGuest:
    return MemoryGuest({"/etc/passwd": "".join(f"{line}\n" for line in lines)})


def test_people_and_root_have_homes_wherever_they_are_and_services_have_none() -> None:
    guest = passwd(
        "root:x:0:0::/root:/bin/sh",
        "toor:x:0:0::/srv/toor:/bin/sh",
        "www-data:x:33:33::/var/www:/bin/false",
        "ada:x:1000:100::/srv//people/ada/:/bin/sh",
        "nobody:x:65534:65534::/nonexistent:/bin/false",
    )

    assert homes(guest) == tuple(sorted({*ALWAYS, "/srv/toor", "/srv/people/ada"}))


def test_the_guest_says_from_which_number_on_people_are() -> None:
    guest = passwd("ada:x:500:100::/srv/ada:/bin/sh", "bob:x:2000:100::/srv/bob:/bin/sh")
    guest.add("/etc/login.defs", "# UID_MIN 1\nUID_MIN\t\t 500\nUID_MAX 1999\n")

    assert homes(guest) == tuple(sorted({*ALWAYS, "/srv/ada"}))


def test_a_guest_without_users_may_still_have_homes() -> None:
    assert homes(MemoryGuest()) == ALWAYS


@pytest.mark.parametrize("home", ["/", "", "relative", "/srv/{a,b}", "/srv/*", "/srv/a,b", "/srv/a\\"])
def test_what_is_no_home_of_anybody_or_would_be_a_pattern_is_left_out(home: str) -> None:
    assert homes(passwd(f"ada:x:1000:100::{home}:/bin/sh")) == ALWAYS


def test_a_pattern_below_homes_is_below_each() -> None:
    assert below_homes(("~/.x", "/etc/~y"), ("/root", "/srv/*")) == ("{/root,/srv/*}/.x", "/etc/~y")


def test_a_person_is_told_from_a_service_by_number() -> None:
    guest = MemoryGuest({"/etc/login.defs": "UID_MIN 500\nUID_MAX 60000\n"})

    assert [is_person(guest, number) for number in (0, 499, 500, 60000, 65534)] == [False, False, True, True, False]
