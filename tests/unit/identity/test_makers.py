from __future__ import annotations

import dataclasses

import pytest

from imagekit.guest.facts import Facts
from imagekit.identity.makers import NOBODY, NOT_NEEDED, Maker
from imagekit.system.units import SCRIPTS, Job
from imagekit.testing.memory import MemoryGuest

JOB = Job("imagekit-thing", "Make a thing", "[ -e /etc/thing ] || make-thing\n")
MAKER = Maker(job=JOB, program="/usr/{sbin,bin}/make-thing")


@pytest.fixture
def guest(debian: MemoryGuest) -> MemoryGuest:
    debian.add("/usr/bin/make-thing", "")
    return debian


def test_what_is_always_so_is_so_everywhere() -> None:
    assert Maker(always="sshd makes one").returns(MemoryGuest()) == "sshd makes one"
    assert NOT_NEEDED.returns(MemoryGuest())
    assert NOBODY.returns(MemoryGuest()) == ""


def test_what_some_guests_have_makes_one_there() -> None:
    maker = Maker(where=(("/usr/bin/{a,b}", "a makes one"), ("/usr/bin/c", "c makes one")))

    assert maker.returns(MemoryGuest({"/usr/bin/b": "", "/usr/bin/c": ""})) == "a makes one"
    assert maker.returns(MemoryGuest({"/usr/bin/c": ""})) == "c makes one"
    assert maker.returns(MemoryGuest()) == ""


def test_where_the_old_one_is_needed_nobody_makes_one_that_will_do() -> None:
    maker = Maker(always="it makes one", unless="/etc/sealed/*")

    assert maker.returns(MemoryGuest({"/etc/sealed/x": ""})) == ""
    assert maker.returns(MemoryGuest()) == "it makes one"


def test_a_job_is_added_where_nothing_makes_one_and_then_makes_it(guest: MemoryGuest) -> None:
    before = (MAKER.returns(guest), MAKER.adds(guest))
    MAKER.ensure(guest)
    script = guest.read_file(f"{SCRIPTS}/imagekit-thing").decode()
    MAKER.ensure(guest)

    assert before == ("", ("imagekit-thing",))
    assert script == "#!/bin/sh\n[ -e /etc/thing ] || make-thing\n"
    assert guest.is_symlink("/etc/systemd/system/multi-user.target.wants/imagekit-thing.service")
    assert (MAKER.returns(guest), MAKER.adds(guest)) == ("imagekit-thing makes one at boot", ())


def test_a_job_that_is_there_and_not_started_makes_nothing(guest: MemoryGuest) -> None:
    MAKER.ensure(guest)
    guest.rm_f("/etc/systemd/system/multi-user.target.wants/imagekit-thing.service")

    assert (MAKER.returns(guest), MAKER.adds(guest)) == ("", ("imagekit-thing",))


def test_no_job_is_added_without_the_program_that_it_runs(debian: MemoryGuest) -> None:
    MAKER.ensure(debian)

    assert MAKER.adds(debian) == ()
    assert not debian.exists(SCRIPTS)


def test_no_job_is_added_where_something_else_makes_one(guest: MemoryGuest) -> None:
    maker = dataclasses.replace(MAKER, always="the server makes one")
    maker.ensure(guest)

    assert maker.adds(guest) == ()
    assert not guest.exists(SCRIPTS)


def test_no_job_is_added_to_a_guest_whose_init_is_not_known() -> None:
    guest = MemoryGuest({"/usr/bin/make-thing": ""}, facts=Facts())

    assert MAKER.adds(guest) == ()
