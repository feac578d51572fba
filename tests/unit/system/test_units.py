from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.guest.journal import JournaledGuest
from imagekit.system import units
from imagekit.system.services import openrc
from imagekit.testing.memory import Link, MemoryGuest


def test_the_administrators_unit_is_stronger_than_the_distributions() -> None:
    guest = MemoryGuest({"/usr/lib/systemd/system/a.service": "theirs", "/etc/systemd/system/a.service": "ours"})

    assert units.unit_text(guest, "a.service") == "ours"


def test_a_unit_of_a_system_without_a_merged_usr_is_found() -> None:
    assert units.find_unit(MemoryGuest({"/lib/systemd/system/a.service": ""}), "a.service") == (
        "/lib/systemd/system/a.service"
    )


def test_a_masked_unit_is_not_there() -> None:
    guest = MemoryGuest({"/usr/lib/systemd/system/a.service": "x", "/etc/systemd/system/a.service": Link("/dev/null")})

    assert units.find_unit(guest, "a.service") is None


def test_drop_ins_of_every_folder_are_read(rocky: MemoryGuest) -> None:
    rocky.add("/usr/lib/systemd/system/sshd-keygen@.service.d/x.conf", "[Unit]\n")

    texts = units.drop_in_texts(rocky, "sshd-keygen@.service")

    assert "[Unit]\n" in texts
    assert any("cloud-init.target" in text for text in texts)


def test_a_unit_is_enabled_as_systemctl_would() -> None:
    guest = MemoryGuest()

    units.install_unit(guest, "a.service", "[Unit]\n", wanted_by="basic.target")

    assert guest.readlink("/etc/systemd/system/basic.target.wants/a.service") == "/etc/systemd/system/a.service"


def test_an_openrc_service_is_enabled_as_rc_update_would(alpine: MemoryGuest) -> None:
    openrc.enable(alpine, "sshd", "boot")

    assert alpine.readlink("/etc/runlevels/boot/sshd") == "/etc/init.d/sshd"


JOB = units.Job("imagekit-x", "Make x", "test -e /x || make-x", before=("sshd",), after=("cron",))


def test_a_job_is_a_script_that_each_init_runs(debian: MemoryGuest, alpine: MemoryGuest) -> None:
    for guest in (debian, alpine):
        units.install(guest, JOB)

        path = "/usr/local/libexec/imagekit/imagekit-x"
        assert guest.read_file(path) == b"#!/bin/sh\ntest -e /x || make-x\n"
        assert guest.lstat(path).mode == 0o755


def test_for_systemd_a_job_is_a_unit_that_is_enabled(debian: MemoryGuest) -> None:
    units.install(debian, JOB)

    text = units.unit_text(debian, "imagekit-x.service")
    assert "Before=sshd.service\n" in text
    assert "After=local-fs.target cron.service\n" in text
    assert "Type=oneshot\n" in text
    assert debian.exists("/etc/systemd/system/multi-user.target.wants/imagekit-x.service")


def test_for_openrc_a_job_is_a_script_in_the_default_runlevel(alpine: MemoryGuest) -> None:
    units.install(alpine, JOB)

    text = alpine.read_file("/etc/init.d/imagekit-x").decode()
    assert text.startswith("#!/sbin/openrc-run\n")
    assert "\tbefore sshd\n" in text
    assert alpine.lstat("/etc/init.d/imagekit-x").mode == 0o755
    assert alpine.readlink("/etc/runlevels/default/imagekit-x") == "/etc/init.d/imagekit-x"


def test_for_system_v_a_job_starts_before_what_it_must_precede() -> None:
    guest = MemoryGuest({f"/etc/rc{n}.d/S18sshd": Link("../init.d/sshd") for n in "2345"}, Facts(init="sysvinit"))

    units.install(guest, JOB)

    assert "# X-Start-Before:    sshd\n" in guest.read_file("/etc/init.d/imagekit-x").decode()
    assert [guest.readlink(f"/etc/rc{n}.d/S17imagekit-x") for n in "2345"] == ["../init.d/imagekit-x"] * 4


@pytest.mark.parametrize("name", ["debian", "alpine"])
def test_installing_a_job_twice_changes_nothing(request, name: str) -> None:
    guest: MemoryGuest = request.getfixturevalue(name)
    journal = JournaledGuest(guest)
    units.install(guest, JOB)

    journal.begin("again")
    units.install(journal, JOB)

    assert journal.end() == ()


def test_an_init_that_is_not_known_is_refused() -> None:
    with pytest.raises(Problem, match="does not know what starts services"):
        units.install(MemoryGuest(facts=Facts()), JOB)


@pytest.mark.parametrize("name", ["debian", "alpine"])
def test_services_of_our_own_are_told_by_their_names(request, name: str) -> None:
    guest: MemoryGuest = request.getfixturevalue(name)
    bare = units.added(guest)
    units.install(guest, JOB)
    guest.add("/etc/systemd/system/imagekit-masked.service", Link("/dev/null"))

    assert bare == ()
    assert units.added(guest) == ("imagekit-x",)
