from __future__ import annotations

from imagekit.system import units
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
    units.enable_openrc(alpine, "sshd", "boot")

    assert alpine.readlink("/etc/runlevels/boot/sshd") == "/etc/init.d/sshd"
