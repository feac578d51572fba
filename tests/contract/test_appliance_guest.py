from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.testing.contract import CommandContract, GuestContract

if TYPE_CHECKING:
    from imagekit.appliance.guest import ApplianceGuest
    from imagekit.engine.opened import Opened

pytestmark = [pytest.mark.appliance]


class TestApplianceGuest(GuestContract):
    @pytest.fixture
    def guest(self, open_debian: Opened) -> ApplianceGuest:
        return open_debian.guest


class TestApplianceGuestCommands(CommandContract):
    @pytest.fixture
    def guest(self, open_debian: Opened) -> ApplianceGuest:
        return open_debian.guest

    def test_nothing_that_a_program_starts_outlives_it(self, guest: ApplianceGuest) -> None:
        guest.command(["/bin/sh", "-c", "sleep 1000 & setsid sleep 1000 & exit 0"])

        running = guest.command(["/bin/sh", "-c", "cat /proc/[0-9]*/cmdline"])
        assert b"sleep" not in running.output

    def test_what_programs_put_in_run_is_not_in_the_image(self, guest: ApplianceGuest) -> None:
        guest.command(["/bin/sh", "-c", "echo 1 > /run/daemon.pid"])

        assert not guest.exists("/run/daemon.pid")

    def test_a_flood_of_output_keeps_its_last_mib(self, guest: ApplianceGuest) -> None:
        result = guest.command(["/bin/sh", "-c", "head -c 3000000 /dev/zero; printf end"])

        assert len(result.output) == 1 << 20
        assert result.output.endswith(b"end")

    def test_without_network_there_is_no_card(self, guest: ApplianceGuest) -> None:
        cards = guest.command(["/bin/sh", "-c", "cat /proc/net/dev | grep -c :"]).text.strip()

        assert cards == "1"

    def test_with_network_names_resolve_and_resolv_conf_stays(self, guest: ApplianceGuest) -> None:
        before = guest.lstat("/etc/resolv.conf")
        seen = guest.command(["/bin/sh", "-c", "cat /etc/resolv.conf"], network=True)

        assert b"nameserver" in seen.output
        assert guest.lstat("/etc/resolv.conf") == before
