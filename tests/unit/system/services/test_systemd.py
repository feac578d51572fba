from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.services.systemd import Systemd
from imagekit.testing.memory import Link, MemoryGuest

LIB = "/usr/lib/systemd/system"
ETC = "/etc/systemd/system"
INSTALL = "[Install]\nWantedBy=multi-user.target\n"


def guest_with(**units: str) -> MemoryGuest:
    """Return a guest whose units are given by name, with ``_`` for a dot and ``AT`` for ``@``."""
    return MemoryGuest(
        {f"{LIB}/{name.replace('_', '.').replace('AT', '@')}": text for name, text in units.items()}
        | {"/lib": Link("usr/lib")}
    )


def links(guest: MemoryGuest) -> dict[str, str]:
    return {
        path.removeprefix(f"{ETC}/"): node.target for path, node in guest.tree.walk("/etc") if node.kind == "symlink"
    }


def test_a_unit_is_enabled_by_the_links_that_it_asks_for() -> None:
    guest = guest_with(ssh_service=f"{INSTALL}RequiredBy=x.target\nAlias=sshd.service\n")

    Systemd().enable(guest, "ssh")

    assert links(guest) == {
        "multi-user.target.wants/ssh.service": f"{LIB}/ssh.service",
        "x.target.requires/ssh.service": f"{LIB}/ssh.service",
        "sshd.service": f"{LIB}/ssh.service",
    }
    assert Systemd().state(guest, "ssh.service") == "enabled"


def test_what_it_names_in_also_goes_with_it() -> None:
    guest = guest_with(
        a_service=f"{INSTALL}Also=a.socket b.service missing.service\n",
        a_socket="[Install]\nWantedBy=sockets.target\nAlso=a.service\n",
        b_service="[Unit]\n",
    )

    Systemd().enable(guest, "a")
    enabled = set(links(guest))
    Systemd().disable(guest, "a")

    assert enabled == {"multi-user.target.wants/a.service", "sockets.target.wants/a.socket"}
    assert links(guest) == {}


def test_an_alias_stands_for_the_unit_itself() -> None:
    guest = guest_with(ssh_service=INSTALL)
    guest.add(f"{LIB}/sshd.service", Link("ssh.service"))

    Systemd().enable(guest, "sshd")

    assert list(links(guest)) == ["multi-user.target.wants/ssh.service"]
    assert Systemd().state(guest, "sshd") == "enabled"


def test_a_unit_that_others_start_stays_as_it_is() -> None:
    guest = guest_with(qga_service="[Unit]\n")

    Systemd().enable(guest, "qga")

    assert links(guest) == {}
    assert Systemd().state(guest, "qga") == "static"


def test_an_instance_leads_to_its_template() -> None:
    guest = guest_with(
        gettyAT_service="[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\nAlias=tty@%i.service tty-%i.service\n"
    )

    Systemd().enable(guest, "getty@ttyS0")
    Systemd().enable(guest, "getty@.service")

    assert links(guest) == {
        "getty.target.wants/getty@ttyS0.service": f"{LIB}/getty@.service",
        "tty@ttyS0.service": f"{LIB}/getty@.service",
        "getty.target.wants/getty@tty1.service": f"{LIB}/getty@.service",
        "tty@tty1.service": f"{LIB}/getty@.service",
    }


def test_disabling_a_template_disables_all_its_instances() -> None:
    guest = guest_with(gettyAT_service="[Install]\nWantedBy=getty.target\n")
    for name in ("getty@tty1", "getty@tty2"):
        Systemd().enable(guest, name)

    Systemd().disable(guest, "getty@.service")

    assert links(guest) == {}


def test_a_template_that_names_no_instance_cannot_be_enabled_as_it_is() -> None:
    guest = guest_with(gettyAT_service="[Install]\nWantedBy=getty.target\n")

    with pytest.raises(Problem) as caught:
        Systemd().enable(guest, "getty@.service")

    assert caught.value.code == "IK-SVC-007"
    assert links(guest) == {}


def test_masking_an_alias_masks_the_unit_itself() -> None:
    guest = guest_with(ssh_service=f"{INSTALL}Alias=sshd.service\n")
    Systemd().enable(guest, "ssh")

    Systemd().mask(guest, "sshd")

    assert links(guest)["ssh.service"] == "/dev/null"
    assert links(guest)["sshd.service"] != "/dev/null"


def test_disabling_an_instance_leaves_the_others() -> None:
    guest = guest_with(gettyAT_service="[Install]\nWantedBy=getty.target\nAlias=tty@%i.service\n")
    for name in ("getty@tty1", "getty@tty2"):
        Systemd().enable(guest, name)

    Systemd().disable(guest, "getty@tty1")

    assert sorted(links(guest)) == ["getty.target.wants/getty@tty2.service", "tty@tty2.service"]


def test_disabling_removes_links_that_the_unit_no_longer_asks_for_and_no_file() -> None:
    guest = guest_with(a_service=INSTALL)
    guest.add(f"{ETC}/old.target.wants/a.service", Link("/lib/systemd/system/a.service"))
    guest.add(f"{ETC}/other.service", Link(f"{LIB}/a.service"))
    guest.add(f"{ETC}/mine.service", INSTALL)
    guest.add(f"{LIB}/x.target.wants/a.service", Link("../a.service"))

    Systemd().disable(guest, "a")

    assert links(guest) == {}
    assert guest.exists(f"{ETC}/mine.service")
    assert guest.is_symlink(f"{LIB}/x.target.wants/a.service")


def test_a_drop_in_may_change_what_is_asked_for() -> None:
    guest = guest_with(a_service=INSTALL)
    guest.add(f"{ETC}/a.service.d/x.conf", "[Install]\nWantedBy=\nWantedBy=basic.target\n")

    Systemd().enable(guest, "a")

    assert list(links(guest)) == ["basic.target.wants/a.service"]


def test_a_mask_is_a_link_to_nowhere_and_goes_away_again() -> None:
    guest = guest_with(a_service=INSTALL)

    Systemd().mask(guest, "a")
    Systemd().mask(guest, "not-there.timer")
    masked = links(guest)
    Systemd().unmask(guest, "a")

    assert masked == {"a.service": "/dev/null", "not-there.timer": "/dev/null"}
    assert Systemd().state(guest, "a") == "disabled"
    assert Systemd().state(guest, "not-there.timer") == "masked"


def test_a_masked_unit_is_not_enabled_and_need_not_be_disabled() -> None:
    guest = guest_with(a_service=INSTALL)
    Systemd().mask(guest, "a")

    Systemd().disable(guest, "a")
    with pytest.raises(Problem) as caught:
        Systemd().enable(guest, "a")

    assert caught.value.code == "IK-SVC-002"
    assert links(guest) == {"a.service": "/dev/null"}


def test_a_unit_whose_own_file_stands_there_cannot_be_masked() -> None:
    guest = MemoryGuest({f"{ETC}/a.service": INSTALL})

    with pytest.raises(Problem) as caught:
        Systemd().mask(guest, "a")

    assert caught.value.code == "IK-SVC-003"
    assert guest.read_file(f"{ETC}/a.service") == INSTALL.encode()


def test_a_unit_that_is_not_there_gets_the_nearest_name() -> None:
    guest = guest_with(nginx_service=INSTALL)

    with pytest.raises(Problem) as caught:
        Systemd().enable(guest, "ngin")

    assert caught.value.code == "IK-SVC-001"
    assert "nginx.service" in caught.value.fix
    assert Systemd().state(guest, "ngin") == "missing"


def test_what_only_a_running_machine_knows_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        Systemd().enable(guest_with(a_service="[Install]\nAlias=a-%m.service\n"), "a")

    assert caught.value.code == "IK-SVC-004"


def test_the_links_of_the_distribution_itself_stay_as_they_are_written(debian: MemoryGuest) -> None:
    before = {path: node.target for path, node in debian.tree.walk("/etc") if node.kind == "symlink"}

    Systemd().enable(debian, "ssh")

    after = {path: node.target for path, node in debian.tree.walk("/etc") if node.kind == "symlink"}
    assert {path: target for path, target in after.items() if path in before} == before
