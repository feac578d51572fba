from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.errors import BindingMissing
from imagekit.engine.doctor.tools import binding_version, check_binding, check_network, check_tools
from imagekit.process import Finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.doctor.host import Host


def test_every_program_that_is_missing_comes_with_the_package_that_brings_it(bare: Host) -> None:
    assert {check.name: (check.state, check.fix) for check in check_tools(bare)} == {
        "qemu": ("fail", "apt-get install qemu-system-x86"),
        "qemu-img": ("fail", "apt-get install qemu-utils"),
        "setpriv": ("fail", "apt-get install util-linux"),
        "supermin": ("fail", "apt-get install supermin"),
    }


def test_programs_that_are_there_tell_their_version_in_a_line(whole: Host) -> None:
    checks = {check.name: check for check in check_tools(whole)}

    assert {check.state for check in checks.values()} == {"ok"}
    assert checks["qemu-img"].detail == f"{whole.path}/qemu-img (qemu-img 1.2)"


def test_a_program_that_does_not_run_is_to_be_installed_again(host_with: Callable[..., Any]) -> None:
    broken = host_with("qemu-img", ask=lambda _: None)

    check = next(check for check in check_tools(broken) if check.name == "qemu-img")

    assert (check.state, check.fix) == ("fail", "apt-get install --reinstall qemu-utils")


def test_the_binding_is_asked_for_its_version(host_with: Callable[..., Any]) -> None:
    host = host_with(ask=lambda argv: Finished(0, "1.48.6\n" if argv[0] == "/py" else "", ""))

    assert binding_version(host, lambda: "/py") == ("/py", "1.48.6")


def test_no_interpreter_with_the_binding_is_no_error(bare: Host) -> None:
    def find() -> str:
        raise BindingMissing(("/py",))

    assert binding_version(bare, find) == ("", "")


@pytest.mark.parametrize(
    ("interpreter", "version", "state", "fix"),
    [
        ("", "", "fail", "apt-get install python3-guestfs"),
        ("/py", "", "fail", "apt-get install --reinstall python3-guestfs"),
        ("/py", "1.48.6", "ok", ""),
    ],
)
def test_the_binding_is_there_only_if_it_works(interpreter: str, version: str, state: str, fix: str) -> None:
    check = check_binding(interpreter, version)

    assert (check.state, check.fix) == (state, fix)


@pytest.mark.parametrize(
    ("programs", "version", "state", "fix"),
    [
        (("dhclient",), "1.48.6", "ok", ""),
        ((), "1.48.6", "warn", "apt-get install isc-dhcp-client"),
        (("dhclient",), "1.54.1", "warn", "apt-get install dhcpcd-base"),
        (("dhcpcd",), "1.54.1", "ok", ""),
        ((), "", "warn", "apt-get install isc-dhcp-client"),
    ],
)
def test_the_appliance_needs_the_dhcp_client_of_its_release(
    host_with: Callable[..., Any], programs: tuple[str, ...], version: str, state: str, fix: str
) -> None:
    check = check_network(host_with(*programs), version)

    assert (check.state, check.fix) == (state, fix)
