from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.initramfs.generator import Generator, commands, find_generator, generator_of
from imagekit.testing.memory import MemoryGuest

KERNELS = {
    "debian": "6.1.0-18-amd64",
    "fedora": "6.11.10-300.fc41.x86_64",
    "opensuse": "6.4.0-150600.23.25-default",
    "arch": "6.11.5-arch1-1",
    "alpine": "6.6.58-0-virt",
}
FOUND = [
    ("debian", Generator("initramfs-tools", "/usr/sbin/update-initramfs")),
    ("ubuntu", Generator("initramfs-tools", "/usr/sbin/update-initramfs")),
    ("fedora", Generator("dracut", "/usr/bin/dracut")),
    ("rocky", Generator("dracut", "/usr/bin/dracut")),
    ("opensuse", Generator("dracut", "/usr/bin/dracut")),
    ("arch", Generator("mkinitcpio", "/usr/sbin/mkinitcpio")),
    ("alpine", Generator("mkinitfs", "/sbin/mkinitfs")),
]


def argvs(guest: MemoryGuest, kernel: str, *, generic: bool = False) -> list[str]:
    made = commands(guest, generator_of(guest), kernel, generic=generic)
    return [" ".join([argv[0].rpartition("/")[2], *argv[1:]]) for argv in made]


@pytest.mark.parametrize(("name", "generator"), FOUND)
def test_each_family_has_its_own(request, name: str, generator: Generator) -> None:
    assert find_generator(request.getfixturevalue(name)) == generator


@pytest.mark.parametrize(("name", "generator"), FOUND)
def test_the_own_one_counts_where_others_are_installed_too(request, name: str, generator: Generator) -> None:
    guest = request.getfixturevalue(name)
    for program in ("update-initramfs", "dracut", "mkinitcpio", "mkinitfs", "booster"):
        if not guest.glob_expand(f"/{{usr/sbin,usr/bin,sbin}}/{program}"):
            guest.add(f"/usr/bin/{program}", "")

    assert find_generator(guest) == generator


def test_another_one_counts_where_the_own_is_not_installed(debian: MemoryGuest) -> None:
    debian.rm_f("/usr/sbin/update-initramfs")
    debian.add("/usr/bin/dracut", "")

    assert argvs(debian, KERNELS["debian"]) == ["dracut --force /boot/initrd.img-6.1.0-18-amd64 6.1.0-18-amd64"]


@pytest.mark.parametrize(("program", "name"), [("booster", "booster"), ("mktirfs", "tiny-initramfs")])
def test_what_is_not_supported_is_refused_by_its_name(program: str, name: str) -> None:
    with pytest.raises(Problem, match=name) as caught:
        generator_of(MemoryGuest({f"/usr/bin/{program}": ""}), "initramfs")

    assert (caught.value.field, caught.value.code) == ("initramfs", "IK-IRF-010")


def test_a_guest_that_makes_none_is_told() -> None:
    with pytest.raises(Problem, match="nothing in this image") as caught:
        generator_of(MemoryGuest())

    assert caught.value.code == "IK-IRF-011"


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("debian", "update-initramfs -u -k 6.1.0-18-amd64"),
        ("fedora", "dracut --force /boot/initramfs-6.11.10-300.fc41.x86_64.img 6.11.10-300.fc41.x86_64"),
        ("opensuse", "dracut --force /boot/initrd-6.4.0-150600.23.25-default 6.4.0-150600.23.25-default"),
        ("arch", "mkinitcpio -k 6.11.5-arch1-1 -g /boot/initramfs-linux.img"),
        ("alpine", "mkinitfs 6.6.58-0-virt"),
    ],
)
def test_the_kernel_is_always_named(request, name: str, argv: str) -> None:
    assert argvs(request.getfixturevalue(name), KERNELS[name]) == [argv]


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("debian", "update-initramfs -c -k 6.1.0-18-amd64"),
        ("fedora", "dracut --force /boot/initramfs-6.11.10-300.fc41.x86_64.img 6.11.10-300.fc41.x86_64"),
        ("opensuse", "dracut --force /boot/initrd-6.4.0-150600.23.25-default 6.4.0-150600.23.25-default"),
        ("arch", "mkinitcpio -k 6.11.5-arch1-1 -g /boot/initramfs-linux.img"),
        ("alpine", "mkinitfs 6.6.58-0-virt"),
    ],
)
def test_an_image_that_is_not_there_yet_is_made(request, name: str, argv: str) -> None:
    guest = request.getfixturevalue(name)
    for path in guest.glob_expand("/boot/init*"):
        guest.rm_f(path)

    assert argvs(guest, KERNELS[name]) == [argv]


def test_a_debian_that_forbids_updates_is_told_to_make_one(debian: MemoryGuest) -> None:
    debian.add("/etc/initramfs-tools/update-initramfs.conf", "# yes or no\nupdate_initramfs=no\n")

    assert argvs(debian, KERNELS["debian"]) == ["update-initramfs -c -t -k 6.1.0-18-amd64"]


def test_an_image_for_any_machine_is_made_only_where_it_is_asked_for(fedora: MemoryGuest, arch: MemoryGuest) -> None:
    assert argvs(fedora, KERNELS["fedora"], generic=True)[0].startswith(
        "dracut --force --no-hostonly --no-hostonly-cmdline /boot/initramfs"
    )
    assert argvs(arch, KERNELS["arch"], generic=True)[0].endswith("/boot/initramfs-linux.img -S autodetect")


def test_a_preset_makes_all_images_of_its_kernel(arch: MemoryGuest) -> None:
    arch.add("/etc/mkinitcpio.d/linux.preset", "default_image=/boot/initramfs-linux.img\n")

    assert argvs(arch, KERNELS["arch"]) == ["mkinitcpio -p linux"]
    assert argvs(arch, KERNELS["arch"], generic=True) == [
        "mkinitcpio -k 6.11.5-arch1-1 -g /boot/initramfs-linux.img -S autodetect"
    ]


def test_dracut_makes_the_image_where_kernel_install_keeps_it(fedora: MemoryGuest) -> None:
    kernel = KERNELS["fedora"]
    fedora.rm_f(f"/boot/initramfs-{kernel}.img")
    fedora.add(f"/boot/efi/fedora/{kernel}/initrd", "")

    assert argvs(fedora, kernel) == [f"dracut --force /boot/efi/fedora/{kernel}/initrd {kernel}"]
