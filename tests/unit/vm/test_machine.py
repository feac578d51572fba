"""The command line of a boot: formats told, nothing probed, nothing shared between clones."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from imagekit.vm.machine import Channels, Drive, Flash, Machine, argv

CHANNELS = Channels(monitor=7, serial=8, probe=9)


@pytest.fixture
def machine() -> Machine:
    return Machine(
        drives=(Drive(Path("/var/tmp/clone.qcow2"), "qcow2"), Drive(Path("/var/tmp/seed.iso"), "raw", read_only=True)),
        mac="52:54:00:12:34:56",
        uuid="11111111-2222-4333-8444-555555555555",
    )


def words(machine: Machine, option: str) -> list[str]:
    line = argv(machine, CHANNELS, probe_port="org.imagekit.probe")
    return [value for word, value in itertools.pairwise(line) if word == option]


def replaced(machine: Machine, **fields: object) -> Machine:
    return Machine(**{name: fields.get(name, getattr(machine, name)) for name in Machine.__dataclass_fields__})


def test_every_disk_has_its_format_told(machine: Machine) -> None:
    disks = [json.loads(node) for node in words(machine, "-blockdev")]

    assert [disk["driver"] for disk in disks] == ["qcow2", "raw"]
    assert all(disk["file"]["driver"] == "file" for disk in disks)


def test_a_read_only_disk_is_opened_read_only(machine: Machine) -> None:
    disk, seed = (json.loads(node) for node in words(machine, "-blockdev"))

    assert (disk["read-only"], disk["file"]["read-only"]) == (False, False)
    assert (seed["read-only"], seed["file"]["read-only"]) == (True, True)


def test_a_path_is_never_taken_for_an_option(machine: Machine) -> None:
    odd = Path('/var/tmp/a,read-only=on,"b":{}\\.qcow2')
    node = words(replaced(machine, drives=(Drive(odd, "qcow2"),)), "-blockdev")[0]

    assert json.loads(node)["file"]["filename"] == str(odd)


def test_only_the_first_disk_is_booted(machine: Machine) -> None:
    booted = [device for device in words(machine, "-device") if "bootindex" in device]

    assert booted == ["virtio-blk-pci,drive=disk0,bootindex=0"]


def test_a_clone_has_its_own_card_and_uuid(machine: Machine) -> None:
    assert words(machine, "-uuid") == [machine.uuid]
    assert any(f"mac={machine.mac}" in device for device in words(machine, "-device"))


def test_the_network_of_a_boot_leads_nowhere(machine: Machine) -> None:
    assert words(machine, "-netdev") == ["user,id=net,restrict=on"]


def test_without_network_there_is_no_card(machine: Machine) -> None:
    alone = replaced(machine, network="none")

    assert words(alone, "-netdev") == []
    assert not any("virtio-net" in device for device in words(alone, "-device"))


def test_a_serial_number_with_commas_stays_one_value(machine: Machine) -> None:
    assert words(replaced(machine, serial="ds=nocloud;h=a,b"), "-smbios") == ["type=1,serial=ds=nocloud;h=a,,b"]
    assert words(machine, "-smbios") == []


@pytest.mark.parametrize(("accelerator", "starts", "cpu"), [("tcg", "tcg", "max"), ("kvm", "kvm", "host")])
def test_kvm_is_used_only_if_told(machine: Machine, accelerator: str, starts: str, cpu: str) -> None:
    told = replaced(machine, accelerator=accelerator)

    assert words(told, "-accel")[0].startswith(starts)
    assert words(told, "-cpu") == [cpu]


def test_nothing_of_the_host_gets_in_by_default(machine: Machine) -> None:
    line = argv(machine, CHANNELS, probe_port="org.imagekit.probe")

    assert {"-no-user-config", "-nodefaults", "-no-reboot"} <= set(line)
    assert words(machine, "-sandbox")[0].startswith("on,")


def test_a_display_adapter_is_there_for_the_boot_loader(machine: Machine) -> None:
    assert words(machine, "-vga") == ["std"]
    assert words(machine, "-display") == ["none"]


def test_the_channels_are_inherited_sockets(machine: Machine) -> None:
    chardevs = words(machine, "-chardev")

    assert chardevs == ["socket,id=monitor,fd=7", "socket,id=serial,fd=8", "socket,id=probe,fd=9"]
    assert CHANNELS.numbers == (7, 8, 9)


def test_uefi_firmware_is_flash_whose_code_is_only_read(machine: Machine) -> None:
    flash = Flash(Path("/usr/share/OVMF/OVMF_CODE_4M.fd"), Path("/var/tmp/a,b.fd"))
    told = replaced(machine, flash=flash)
    code, variables = (json.loads(node) for node in words(told, "-blockdev")[:2])

    assert words(told, "-machine") == ["q35,pflash0=code,pflash1=variables"]
    assert (code["node-name"], code["read-only"], code["file"]["filename"]) == ("code", True, str(flash.code))
    assert (variables["node-name"], variables["read-only"]) == ("variables", False)
    assert variables["file"]["filename"] == "/var/tmp/a,b.fd"


def test_without_flash_the_machine_boots_by_bios(machine: Machine) -> None:
    assert words(machine, "-machine") == ["q35"]
