from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.guest.kernels import installed_kernels
from imagekit.guest.protocol import CommandResult
from imagekit.system.drivers.platforms import PLATFORMS
from imagekit.system.initramfs.held import drivers_missing
from imagekit.system.initramfs.images import images_of
from imagekit.testing.initramfs import pack_initramfs
from imagekit.testing.memory import File
from imagekit.transforms.guest_drivers import GuestDrivers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imagekit.testing.memory import MemoryGuest

GUESTS = ("debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine")
MODULES = sorted(
    {
        name
        for platform in PLATFORMS.values()
        for group in (*platform.drivers.disk, *platform.drivers.network, platform.drivers.early)
        for name in group
    }
)
RPM = ("dnf", "dnf5", "yum", "zypper")


def asks_rpm(argv: tuple[str, ...]) -> bool:
    """Tell whether a command is the shell script that lists what rpm has installed."""
    return argv[0] == "/bin/sh" and any("rpm -qa" in word for word in argv)


class Distro:
    """Programs of a phony guest that do what the real ones do: packages, their services, initramfs images."""

    def __init__(self, guest: MemoryGuest) -> None:
        self.guest = guest
        self.packages: list[str] = []
        self.services: dict[str, str] = {}
        for kernel in installed_kernels(guest):
            guest.add(f"/lib/modules/{kernel}/modules.dep", "".join(f"kernel/{name}.ko:\n" for name in MODULES))
            self.make_images(kernel, "ext4")
        guest.answer(self.run)

    def make_images(self, kernel: str, *names: str) -> None:
        for path in images_of(self.guest, kernel):
            self.guest.write(path, pack_initramfs({f"lib/modules/{name}.ko": "" for name in names}))

    def run(self, argv: tuple[str, ...], _env: Mapping[str, str]) -> CommandResult | int | None:
        if asks_rpm(argv):
            return CommandResult(0, "".join(f"{name}\t0\t1\t1\tnoarch\n" for name in self.packages).encode())
        tool = "pacman" if "pacman" in argv else argv[0].rpartition("/")[2]
        if tool in {"update-initramfs", "dracut", "mkinitcpio", "mkinitfs"}:
            self.make_images(next(word for word in argv if word in installed_kernels(self.guest)), "ext4", *MODULES)
            return 0
        if tool in {"apt-get", "apk", "pacman", *RPM}:
            for word in argv:
                if word in self.known():
                    self.change(word, remove=bool({"remove", "del", "-Rc"} & set(argv)))
            return 0
        return None

    def known(self) -> set[str]:
        agents = [agent for platform in PLATFORMS.values() for agent in platform.agents.values() if agent]
        return {name for agent in agents for name in agent.names}

    def change(self, name: str, *, remove: bool) -> None:
        self.packages = [other for other in self.packages if other != name] + ([] if remove else [name])
        record = "".join(
            f"\nPackage: {one}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
            for one in self.packages
        )
        self.guest.add(
            "/var/lib/dpkg/status", f"Package: base-files\nStatus: install ok installed\nVersion: 1\n{record}"
        )
        self.guest.add("/lib/apk/db/installed", "".join(f"P:{one}\nV:1\n\n" for one in self.packages))
        self.guest.rm_rf("/var/lib/pacman/local")
        for one in self.packages:
            self.guest.add(f"/var/lib/pacman/local/{one}-1/desc", f"%NAME%\n{one}\n\n%VERSION%\n1-1\n")
        agents = [agent for platform in PLATFORMS.values() for agent in platform.agents.values() if agent]
        for service in {service for agent in agents if name in agent.names for service in agent.services}:
            self.guest.add(f"/etc/init.d/{service}", File("#!/sbin/openrc-run\n", 0o755))
            self.guest.add(f"/usr/lib/systemd/system/{service}.service", "[Install]\nWantedBy=multi-user.target\n")

    def ran(self, *words: str) -> list[tuple[str, ...]]:
        """Return the argvs that hold all of these words."""
        return [one.argv for one in self.guest.commands if set(words) <= set(one.argv)]


@pytest.fixture
def distro(request: pytest.FixtureRequest) -> Distro:
    """The phony guest that a test names, with programs that work."""
    return Distro(request.getfixturevalue(request.param))


def on(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("distro", names, indirect=True)


PACKAGES = (
    {("kvm", name): "qemu-guest-agent" for name in GUESTS}
    | {("vmware", name): "open-vm-tools" for name in GUESTS}
    | {
        ("hyperv", "debian"): "hyperv-daemons",
        ("hyperv", "debian13"): "hyperv-daemons",
        ("hyperv", "ubuntu"): "linux-cloud-tools-virtual",
        ("hyperv", "fedora"): "hyperv-daemons",
        ("hyperv", "rocky"): "hyperv-daemons",
        ("hyperv", "opensuse"): "hyper-v",
        ("hyperv", "arch"): "hyperv",
        ("hyperv", "alpine"): "hvtools",
        ("xen", "debian"): "",
        ("xen", "debian13"): "",
        ("xen", "ubuntu"): "xe-guest-utilities",
        ("xen", "fedora"): "xe-guest-utilities-latest",
        ("xen", "rocky"): "",
        ("xen", "opensuse"): "xen-tools-domU",
        ("xen", "arch"): "",
        ("xen", "alpine"): "xe-guest-utilities",
        ("virtualbox", "debian"): "",
        ("virtualbox", "debian13"): "",
        ("virtualbox", "ubuntu"): "virtualbox-guest-utils",
        ("virtualbox", "fedora"): "virtualbox-guest-additions",
        ("virtualbox", "rocky"): "",
        ("virtualbox", "opensuse"): "virtualbox-guest-tools",
        ("virtualbox", "arch"): "virtualbox-guest-utils-nox",
        ("virtualbox", "alpine"): "virtualbox-guest-additions",
    }
)
CASES = [
    pytest.param(name, platform, package, id=f"{name}-{platform}") for (platform, name), package in PACKAGES.items()
]


@pytest.mark.parametrize(("distro", "platform", "package"), CASES, indirect=["distro"])
def test_each_distribution_gets_the_agent_that_it_packages_over_the_network(
    distro: Distro, platform: str, package: str
) -> None:
    GuestDrivers(platforms=(platform,)).apply(distro.guest)

    assert distro.packages == ([package] if package else [])
    assert all(one.network for one in distro.guest.commands if package in one.argv)


@pytest.mark.parametrize(("distro", "platform", "package"), CASES, indirect=["distro"])
def test_every_kernel_has_the_drivers_of_the_disks_in_its_initramfs(
    distro: Distro, platform: str, package: str
) -> None:
    GuestDrivers(platforms=(platform,)).apply(distro.guest)

    assert installed_kernels(distro.guest)
    for kernel in installed_kernels(distro.guest):
        assert drivers_missing(distro.guest, kernel, PLATFORMS[platform].drivers.initramfs) == (), package


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
@on(*GUESTS)
def test_applying_twice_changes_nothing_and_runs_only_the_question_to_rpm(
    distro: Distro, platform: str, snapshot
) -> None:
    step = GuestDrivers(platforms=(platform,), remove_others=True)
    step.apply(distro.guest)
    first = snapshot(distro.guest)
    distro.guest.commands.clear()

    step.apply(distro.guest)

    assert snapshot(distro.guest) == first
    assert all(asks_rpm(one.argv) and not one.network for one in distro.guest.commands)


STARTED = [
    ("debian", "vmware", "/etc/systemd/system/multi-user.target.wants/open-vm-tools.service"),
    ("ubuntu", "hyperv", "/etc/systemd/system/multi-user.target.wants/hv-kvp-daemon.service"),
    ("fedora", "hyperv", "/etc/systemd/system/multi-user.target.wants/hypervkvpd.service"),
    ("rocky", "vmware", "/etc/systemd/system/multi-user.target.wants/vmtoolsd.service"),
    ("opensuse", "virtualbox", "/etc/systemd/system/multi-user.target.wants/vboxservice.service"),
    ("arch", "hyperv", "/etc/systemd/system/multi-user.target.wants/hv_vss_daemon.service"),
    ("alpine", "kvm", "/etc/runlevels/default/qemu-guest-agent"),
    ("alpine", "xen", "/etc/runlevels/default/xe-guest-utilities"),
    ("alpine", "virtualbox", "/etc/runlevels/default/virtualbox-guest-additions"),
]


@pytest.mark.parametrize(("distro", "platform", "link"), STARTED, indirect=["distro"])
def test_the_agent_starts_at_boot(distro: Distro, platform: str, link: str) -> None:
    GuestDrivers(platforms=(platform,)).apply(distro.guest)

    assert distro.guest.is_symlink(link)


@on("debian")
def test_an_agent_that_udev_starts_is_left_to_udev(distro: Distro) -> None:
    distro.change("qemu-guest-agent", remove=False)
    distro.guest.add("/usr/lib/systemd/system/qemu-guest-agent.service", "[Unit]\nBindsTo=dev-virtio.device\n")

    GuestDrivers(platforms=("kvm",)).apply(distro.guest)

    assert not distro.guest.glob_expand("/etc/systemd/system/*.wants/qemu-guest-agent.service")


@on("alpine")
def test_an_agent_without_its_start_script_is_told(distro: Distro) -> None:
    distro.change("qemu-guest-agent", remove=False)
    distro.guest.rm_f("/etc/init.d/qemu-guest-agent")

    with pytest.raises(Problem, match="nothing in this image starts it") as caught:
        GuestDrivers(platforms=("vmware", "kvm")).apply(distro.guest)

    assert (caught.value.field, caught.value.code) == ("platforms[1]", "IK-DRV-003")


@on("debian", "rocky")
def test_a_service_that_somebody_masked_stays_so(distro: Distro) -> None:
    distro.guest.add("/usr/lib/systemd/system/qemu-guest-agent.service", "[Install]\nWantedBy=multi-user.target\n")
    distro.guest.ln_sf("/dev/null", "/etc/systemd/system/qemu-guest-agent.service")

    GuestDrivers(platforms=("kvm",)).apply(distro.guest)

    assert distro.guest.readlink("/etc/systemd/system/qemu-guest-agent.service") == "/dev/null"


REBUILT = [
    ("debian", ("-u", "-k")),
    ("fedora", ("--no-hostonly", "--no-hostonly-cmdline")),
    ("rocky", ("--no-hostonly", "--no-hostonly-cmdline")),
    ("opensuse", ("--no-hostonly", "--no-hostonly-cmdline")),
    ("arch", ("-S", "autodetect")),
    ("alpine", ("6.6.58-0-virt",)),
]


@pytest.mark.parametrize(("distro", "words"), REBUILT, indirect=["distro"])
def test_an_initramfs_is_made_anew_for_any_machine(distro: Distro, words: tuple[str, ...]) -> None:
    GuestDrivers(platforms=("hyperv",), agents="none").apply(distro.guest)

    kernels = installed_kernels(distro.guest)
    made = distro.ran(*words)
    assert made
    assert {word for argv in made for word in argv if word in kernels} == set(kernels)
    assert made == [one.argv for one in distro.guest.commands]


@on(*GUESTS)
def test_nothing_runs_if_agents_are_not_asked_for_and_every_initramfs_is_good(distro: Distro) -> None:
    for kernel in installed_kernels(distro.guest):
        distro.make_images(kernel, *MODULES)

    GuestDrivers(platforms=("kvm", "vmware", "hyperv", "xen"), agents="none").apply(distro.guest)

    assert distro.guest.commands == []


@on("debian")
def test_what_is_built_in_needs_no_place_in_the_initramfs(distro: Distro) -> None:
    for kernel in installed_kernels(distro.guest):
        built_in = PLATFORMS["xen"].drivers.initramfs
        distro.guest.add(f"/lib/modules/{kernel}/modules.builtin", "".join(f"kernel/{name}.ko\n" for name in built_in))

    GuestDrivers(platforms=("xen",)).apply(distro.guest)

    assert distro.guest.commands == []


@on("debian")
def test_a_kernel_without_a_driver_for_the_disk_is_refused_before_anything_runs(distro: Distro) -> None:
    distro.guest.write(
        "/lib/modules/6.1.0-9-amd64/modules.dep",
        "kernel/virtio_pci.ko:\nkernel/virtio_blk.ko:\nkernel/virtio_net.ko:\n",
    )

    with pytest.raises(Problem, match=r"6\.1\.0-9-amd64 has no driver for the disk of VMware") as caught:
        GuestDrivers(platforms=("kvm", "vmware")).apply(distro.guest)

    assert (caught.value.field, caught.value.code) == ("platforms[1]", "IK-DRV-007")
    assert distro.guest.commands == []


@on("debian")
def test_agents_of_other_platforms_go_if_asked(distro: Distro) -> None:
    for name in ("open-vm-tools", "open-vm-tools-desktop", "qemu-guest-agent"):
        distro.change(name, remove=False)

    GuestDrivers(platforms=("hyperv",), remove_others=True).apply(distro.guest)

    assert distro.packages == ["hyperv-daemons"]
    assert not any(one.network for one in distro.guest.commands if "remove" in one.argv)


@on("debian")
def test_agents_of_other_platforms_stay_unless_asked(distro: Distro) -> None:
    distro.change("open-vm-tools", remove=False)

    GuestDrivers(platforms=("kvm",)).apply(distro.guest)

    assert distro.packages == ["open-vm-tools", "qemu-guest-agent"]


@on("fedora")
def test_platforms_that_share_an_agent_do_not_remove_it_from_each_other(distro: Distro) -> None:
    step = GuestDrivers(platforms=("proxmox",), remove_others=True)

    step.apply(distro.guest)

    assert distro.packages == ["qemu-guest-agent"]


@on("debian", "arch")
def test_a_missing_package_is_a_remark_unless_it_is_required(distro: Distro) -> None:
    step = GuestDrivers(platforms=("kvm", "xen"))
    step.apply(distro.guest)

    assert [remark for remark in step.remarks(distro.guest) if "no agent for Xen" in remark]
    assert not [remark for remark in step.remarks(distro.guest) if "KVM" in remark and "agent" in remark]
    required = GuestDrivers(platforms=("kvm", "xen"), agents="required")
    assert [(one.field, one.code) for one in required.check(distro.guest.facts)] == [("platforms[1]", "IK-DRV-004")]


@on("debian")
def test_a_folder_is_where_agents_come_from_without_network(distro: Distro, tmp_path: Path) -> None:
    (tmp_path / "debs").mkdir()
    for name in ("qemu-guest-agent", "xe-guest-utilities"):
        (tmp_path / "debs" / f"{name}_1_amd64.deb").write_text(name)
    fields = "Filename: ./{0}_1_amd64.deb\nPackage: {0}\nVersion: 1\n\n"
    distro.guest.answer(
        lambda argv, _env: (
            CommandResult(
                0, "".join(fields.format(name) for name in ("qemu-guest-agent", "xe-guest-utilities")).encode()
            )
            if "dpkg-deb" in " ".join(argv)
            else None
        )
    )
    step = GuestDrivers.model_validate(
        {"platforms": ["kvm", "xen"], "from": "debs", "agents": "required"}, context={"folder": tmp_path}
    )

    step.apply(distro.guest)

    assert not step.needs_network
    assert list(step.check(distro.guest.facts)) == []
    assert sorted(distro.packages) == ["qemu-guest-agent", "xe-guest-utilities"]
    assert not any(one.network for one in distro.guest.commands)
    assert not distro.guest.exists("/var/cache/imagekit-folder")


@on("debian")
def test_a_folder_that_lacks_an_agent_is_told(distro: Distro, tmp_path: Path) -> None:
    (tmp_path / "other_1_amd64.deb").write_text("x")
    distro.guest.answer(
        lambda argv, _env: (
            CommandResult(0, b"Filename: ./other_1_amd64.deb\nPackage: other\nVersion: 1\n\n")
            if "dpkg-deb" in " ".join(argv)
            else None
        )
    )
    step = GuestDrivers.model_validate({"platforms": ["kvm"], "from": "."}, context={"folder": tmp_path})

    with pytest.raises(Problem, match="does not hold qemu-guest-agent") as caught:
        step.apply(distro.guest)

    assert caught.value.field == "from"


CONSOLES = [
    ("debian", ("kvm",), "console=tty0 console=ttyS0,115200n8"),
    ("fedora", ("kvm", "xen"), "console=tty0 console=ttyS0,115200n8 console=hvc0"),
    ("arch", ("xen", "kvm"), "console=tty0 console=hvc0 console=ttyS0,115200n8"),
    ("alpine", ("xen",), "console=tty0 console=hvc0"),
    ("rocky", ("azure",), "console=tty0 console=ttyS0,115200n8 earlyprintk=ttyS0"),
]


@pytest.mark.parametrize(("distro", "platforms", "text"), CONSOLES, indirect=["distro"])
def test_the_kernel_speaks_on_the_platforms_console(distro: Distro, platforms: tuple[str, ...], text: str) -> None:
    GuestDrivers(platforms=platforms).apply(distro.guest)

    configs = ("/boot/{grub,grub2}/grub.cfg", "/boot/loader/entries/*.conf", "/boot/extlinux.conf")
    found = [path for pattern in configs for path in distro.guest.glob_expand(pattern)]
    assert any(text in distro.guest.read_file(path).decode() for path in found)


@on("debian")
def test_no_console_is_touched_unless_wanted(distro: Distro) -> None:
    before = distro.guest.read_file("/boot/grub/grub.cfg")

    GuestDrivers(platforms=("kvm",), console=False).apply(distro.guest)

    assert distro.guest.read_file("/boot/grub/grub.cfg") == before


def test_platforms_that_are_not_supported_or_do_not_run_the_guest_are_said_by_name() -> None:
    step = GuestDrivers(platforms=("kvm", "oracle", "vmware"))
    facts = Facts(distro="debian", family="debian", arch="ppc64le", package_manager="apt")

    problems = list(step.check(facts))

    assert [(one.field, one.code) for one in problems] == [
        ("platforms[1]", "IK-DRV-001"),
        ("platforms[2]", "IK-DRV-008"),
    ]


@pytest.mark.parametrize(("wish", "count"), [({}, 0), ({"agents": "required"}, 2), ({"remove_others": True}, 1)])
def test_a_guest_whose_packages_cannot_be_managed_still_takes_drivers(wish: dict[str, object], count: int) -> None:
    step = GuestDrivers.model_validate({"platforms": ("kvm",), **wish})

    assert len(list(step.check(Facts(distro="gentoo", arch="x86_64")))) == count


@pytest.mark.parametrize("platforms", [(), ("qemu",)])
def test_what_is_no_platform_is_refused(platforms: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        GuestDrivers.model_validate({"platforms": platforms})


@pytest.mark.parametrize(("agents", "network"), [("available", True), ("required", True), ("none", False)])
def test_the_network_is_for_agents_alone(agents: str, network: bool) -> None:
    step = GuestDrivers.model_validate({"platforms": ("kvm",), "agents": agents})

    assert step.needs_network == network
