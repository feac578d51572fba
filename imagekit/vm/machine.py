"""The virtual machine of a boot, as data, and the qemu command line that it stands for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

QEMU = "qemu-system-x86_64"

Accelerator = Literal["kvm", "tcg"]
DriveFormat = Literal["qcow2", "raw"]
Network = Literal["none", "isolated"]

_SANDBOX = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"


@dataclass(frozen=True, slots=True)
class Drive:
    """A disk by its host path and its format, which qemu is told and never guesses."""

    path: Path
    format: DriveFormat
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Flash:
    """UEFI firmware: its code, which is only read, and the machine's own variables, which are written."""

    code: Path
    variables: Path


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, and all by which a guest could tell it from another.

    Attributes:
        drives: virtio disks in this order; the first is booted.
        mac: hardware address of its only network card, ``52:54:00:…``.
        uuid: SMBIOS system UUID. systemd makes a machine-id of it under KVM and qemu (machine-id(5)), so two
            clones must not share one.
        serial: SMBIOS system serial number; "" for none. cloud-init reads a ``ds=nocloud`` there.
        network: ``none``, or ``isolated``: a network that gives an address and a name server and leads nowhere.
        memory: MiB.
        cpus: how many processors it sees.
        accelerator: ``tcg`` works everywhere; ``kvm`` must have been tried first.
        flash: UEFI firmware; None for qemu's own BIOS.
    """

    drives: tuple[Drive, ...]
    mac: str
    uuid: str
    serial: str = ""
    network: Network = "isolated"
    memory: int = 1024
    cpus: int = 1
    accelerator: Accelerator = "tcg"
    flash: Flash | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """Connected sockets, by their numbers in qemu: its monitor, the guest's serial line, the probe's port."""

    monitor: int
    serial: int
    probe: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """The sockets that qemu must inherit."""
        return (self.monitor, self.serial, self.probe)


def argv(machine: Machine, channels: Channels, *, probe_port: str) -> list[str]:
    """Return the command line that runs the machine.

    It keeps a display adapter that nobody sees: without one, GRUB for BIOS never gets past its video services
    (measured with SeaBIOS 1.16). ``-no-reboot`` makes a reset end qemu, so that a boot loop cannot go on for ever.

    Args:
        machine: what to run.
        channels: sockets that qemu inherits.
        probe_port: the name below ``/dev/virtio-ports`` at which the guest finds the probe's channel.
    """
    return [
        QEMU,
        *("-name", "imagekit-boot", "-no-user-config", "-nodefaults", "-display", "none", "-no-reboot"),
        *_board(machine),
        *("-accel", _accel(machine), "-cpu", _CPU[machine.accelerator]),
        *("-m", str(machine.memory), "-smp", str(machine.cpus), "-rtc", "base=utc", "-vga", "std"),
        *("-uuid", machine.uuid),
        *(("-smbios", f"type=1,serial={_escaped(machine.serial)}") if machine.serial else ()),
        *("-sandbox", _SANDBOX),
        *(word for number, drive in enumerate(machine.drives) for word in _disk(number, drive)),
        *_card(machine),
        *("-object", "rng-random,id=entropy,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=entropy"),
        *("-chardev", f"socket,id=monitor,fd={channels.monitor}", "-mon", "chardev=monitor,mode=control"),
        *("-chardev", f"socket,id=serial,fd={channels.serial}", "-serial", "chardev:serial"),
        *("-chardev", f"socket,id=probe,fd={channels.probe}", "-device", "virtio-serial-pci"),
        *("-device", f"virtserialport,chardev=probe,name={probe_port}"),
    ]


_CPU = {"kvm": "host", "tcg": "max"}
"""All that can be emulated, as libguestfs' own appliance has it. Taking features away is no saving: a named model was not
faster, and on ``max,svm=off`` Debian 12 lost its mounts while it booted, each time (measured with qemu 7.2)."""


def _board(machine: Machine) -> tuple[str, ...]:
    """The board, with its firmware in flash memory (qemu's manual, "pflash0" and "pflash1" of a machine)."""
    if machine.flash is None:
        return ("-machine", "q35")
    parts = (("code", machine.flash.code, True), ("variables", machine.flash.variables, False))
    nodes = [
        json.dumps(
            {
                "driver": "raw",
                "node-name": name,
                "read-only": read_only,
                "file": {"driver": "file", "filename": str(path), "read-only": read_only},
            }
        )
        for name, path, read_only in parts
    ]
    blocks = [word for node in nodes for word in ("-blockdev", node)]
    return (*blocks, "-machine", "q35,pflash0=code,pflash1=variables")


def _accel(machine: Machine) -> str:
    return "kvm" if machine.accelerator == "kvm" else "tcg,thread=multi"


def _disk(number: int, drive: Drive) -> tuple[str, ...]:
    """A disk as JSON, where no character of a path means anything; its writes need not survive the host."""
    node = {
        "driver": drive.format,
        "node-name": f"disk{number}",
        "read-only": drive.read_only,
        "discard": "unmap",
        "cache": {"direct": False, "no-flush": True},
        "file": {"driver": "file", "filename": str(drive.path), "read-only": drive.read_only, "discard": "unmap"},
    }
    device = f"virtio-blk-pci,drive=disk{number}" + (",bootindex=0" if number == 0 else "")
    return ("-blockdev", json.dumps(node), "-device", device)


def _card(machine: Machine) -> tuple[str, ...]:
    """A network card; with no ROM, since firmware has nothing to boot from there."""
    if machine.network == "none":
        return ()
    card = f"virtio-net-pci,netdev=net,mac={machine.mac},romfile="
    return ("-netdev", "user,id=net,restrict=on", "-device", card)


def _escaped(value: str) -> str:
    """Double the commas of a value inside a comma-separated option (qemu's manual, "QemuOpts")."""
    return value.replace(",", ",,")
