"""The programs that are needed: the binding's interpreter, qemu, and what libguestfs starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.appliance.binding import find_interpreter
from imagekit.appliance.errors import BindingMissing
from imagekit.engine.doctor.check import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.engine.doctor.host import Host

_VERSION = (
    "import guestfs; v = guestfs.GuestFS(python_return_dict=True, environment=False).version(); "
    "print('%d.%d.%d' % (v['major'], v['minor'], v['release']))"
)
_QEMU_PACKAGES = {"x86_64": "qemu-system-x86", "aarch64": "qemu-system-arm", "ppc64le": "qemu-system-ppc"}


@dataclass(frozen=True, slots=True)
class _Tool:
    """A program that must be there, and the Debian package that brings it."""

    name: str
    programs: tuple[str, ...]
    package: str


def binding_version(host: Host, find: Callable[[], str] = find_interpreter) -> tuple[str, str]:
    """Return the interpreter that has the binding, and libguestfs' version; "" for what there is not."""
    try:
        interpreter = find()
    except BindingMissing:
        return "", ""
    said = host.ask([interpreter, "-I", "-c", _VERSION])
    return interpreter, said.stdout.strip() if said else ""


def check_binding(interpreter: str, version: str) -> Check:
    """Can some Python of this host import guestfs?"""
    name = "libguestfs binding"
    if not interpreter:
        return Check(
            name=name,
            state="fail",
            detail="no Python of this host can import guestfs; PyPI has no such package",
            fix="apt-get install python3-guestfs",
        )
    if not version:
        return Check(
            name=name,
            state="fail",
            detail=f"{interpreter} imports guestfs, but cannot make a handle",
            fix="apt-get install --reinstall python3-guestfs",
        )
    return Check(name=name, state="ok", detail=f"libguestfs {version}, by {interpreter}")


def check_tools(host: Host) -> Iterator[Check]:
    """Yield a check for each program."""
    qemu = f"qemu-system-{host.machine}"
    package = _QEMU_PACKAGES.get(host.machine, qemu)
    for tool in (
        _Tool("qemu", (qemu, "qemu-kvm", "/usr/libexec/qemu-kvm"), package),
        _Tool("qemu-img", ("qemu-img",), "qemu-utils"),
        _Tool("setpriv", ("setpriv",), "util-linux"),
        _Tool("supermin", ("supermin",), "supermin"),
    ):
        yield _check_tool(host, tool)


def _check_tool(host: Host, tool: _Tool) -> Check:
    found = host.which(*tool.programs)
    if not found:
        fix = f"apt-get install {tool.package}"
        return Check(name=tool.name, state="fail", detail=f"there is no {tool.programs[0]}", fix=fix)
    said = host.ask([found, "--version"])
    if said is None:
        fix = f"apt-get install --reinstall {tool.package}"
        return Check(name=tool.name, state="fail", detail=f"{found} does not run", fix=fix)
    first = said.stdout.strip().splitlines()[:1] or [""]
    return Check(name=tool.name, state="ok", detail=f"{found} ({first[0]})")


def check_network(host: Host, version: str) -> Check:
    """Can the appliance get an address? libguestfs takes the DHCP client of the host into it.

    libguestfs 1.54 went from dhclient to dhcpcd, and Debian 13 does not pull that in.
    """
    name = "network of steps"
    new = _number(version) >= (1, 54)
    programs, package = (("dhcpcd",), "dhcpcd-base") if new else (("dhclient", "dhcpcd"), "isc-dhcp-client")
    found = host.which(*programs)
    if found:
        return Check(name=name, state="ok", detail=f"{found} goes into the appliance")
    return Check(
        name=name,
        state="warn",
        detail=f"there is no {programs[0]}, so steps that need the network, such as packages, cannot have it",
        fix=f"apt-get install {package}",
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
