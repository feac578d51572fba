from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.disks import Filesystem, Hibernated
from imagekit.appliance.layout import (
    CannotMount,
    ImmutableSystem,
    Layout,
    MissingFilesystem,
    Mount,
    NoSystem,
    SeveralSystems,
    UncleanFilesystem,
    find_layout,
    mount_all,
    plan_mounts,
)
from imagekit.guest.fstab import parse

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Mount("/dev/sda1", "/dev/sda1", "ext4", "/")
SYSTEM = {"/etc/os-release": "", "/etc/fstab": "", "/usr": "", "/bin": ""}


class Disks:
    """What a session answers for some file systems: device or mountable -> paths and texts on it."""

    def __init__(self, session: Any, systems: dict[str, dict[str, str]], types: dict[str, str]) -> None:
        self.session = session
        self.systems = systems
        self.types = types
        self.mounted: str | None = None
        session.answers |= {
            "list_partitions": [device for device in types if not device.startswith("/dev/vg")],
            "list_devices": ["/dev/sda"],
            "blkid": lambda device: {"TYPE": types[device], "UUID": f"uuid-{posixpath.basename(device)}"},
            "mount_vfs": self.mount,
            "umount_all": self.umount,
            "lstatns": lambda path: {} if path in systems[self.mounted or ""] else self.refuse(path),
            "read_file": lambda path: systems[self.mounted or ""][path].encode(),
            "tune2fs_l": {"Filesystem features": "has_journal extent", "Filesystem state": "clean"},
            "btrfs_subvolume_list": [],
            "btrfs_subvolume_get_default": 5,
        }

    def refuse(self, path: str) -> Exception:
        return self.session.refusal(f"{path}: No such file or directory")

    def mount(self, _options: str, _type: str, mountable: str, _where: str) -> Exception | None:
        if mountable not in self.systems:
            return self.session.refusal("mount: wrong fs type")
        self.mounted = mountable
        return None

    def umount(self) -> None:
        self.mounted = None


@pytest.fixture
def disks(session: Any, refused: Callable[[str], Exception]) -> Callable[..., Disks]:
    session.refusal = refused

    def lay(systems: dict[str, dict[str, str]], types: dict[str, str] | None = None) -> Disks:
        return Disks(session, systems, types or dict.fromkeys(systems, "ext4"))

    return lay


# What fstab adds to the root.
def planned(fstab: str, *found: Filesystem) -> list[tuple[str, str]]:
    return [(mount.mountpoint, mount.mountable) for mount in plan_mounts(ROOT, parse(fstab), found)]


def test_the_root_alone_is_a_layout() -> None:
    assert plan_mounts(ROOT, (), ()) == (ROOT,)


def test_parents_are_mounted_before_what_is_below_them() -> None:
    fstab = "/dev/sda4 /boot/efi vfat\n/dev/sda3 /var/log ext4\n/dev/sda2 /boot ext4\n/dev/sda5 /var ext4\n"
    found = [Filesystem(f"/dev/sda{number}", "ext4") for number in (2, 3, 4, 5)]

    assert [where for where, _ in planned(fstab, *found)] == ["/", "/boot", "/var", "/boot/efi", "/var/log"]


def test_what_fstab_says_of_the_root_does_not_move_the_root() -> None:
    assert planned("/dev/sda9 / ext4\n", Filesystem("/dev/sda9", "ext4")) == [("/", "/dev/sda1")]


@pytest.mark.parametrize("file", ["/usr", "/var", "/boot", "/etc", "/boot/"])
def test_a_file_system_that_the_guest_cannot_do_without_must_be_there(file: str) -> None:
    with pytest.raises(MissingFilesystem) as missing:
        planned(f"UUID=beef {file} ext4 defaults 0 2\n")

    assert f"mounts UUID=beef on {file}" in missing.value.message


@pytest.mark.parametrize("line", ["UUID=beef /boot ext4 nofail", "UUID=beef /home ext4", "UUID=beef /srv/x ext4"])
def test_what_the_guest_can_do_without_may_be_missing(line: str) -> None:
    assert planned(line) == [("/", "/dev/sda1")]


def test_swap_and_containers_are_not_mounted() -> None:
    fstab = "/dev/sda2 /a auto\n/dev/sda3 /b auto\n/dev/sda4 /c auto\n/dev/sda5 /d auto\n/dev/sda6 none swap\n"
    types = ("swap", "crypto_LUKS", "LVM2_member", "", "swap")
    found = [Filesystem(f"/dev/sda{number}", kind) for number, kind in enumerate(types, 2)]

    assert planned(fstab, *found) == [("/", "/dev/sda1")]


@pytest.mark.parametrize(
    ("options", "mountable"),
    [
        ("defaults", "/dev/sda2"),
        ("subvol=@home,compress=zstd", "btrfsvol:/dev/sda2/@home"),
        ("subvol=/@/home", "btrfsvol:/dev/sda2/@/home"),
        ("subvol=/", "/dev/sda2"),
    ],
)
def test_a_subvolume_is_mounted_by_its_name(options: str, mountable: str) -> None:
    found = Filesystem("/dev/sda2", "btrfs")

    assert planned(f"/dev/sda2 /home btrfs {options}\n", found) == [("/", "/dev/sda1"), ("/home", mountable)]


def test_a_file_system_without_subvolumes_ignores_such_an_option() -> None:
    assert planned("/dev/sda2 /home ext4 subvol=x\n", Filesystem("/dev/sda2", "ext4"))[1] == ("/home", "/dev/sda2")


def test_a_mount_point_leads_nowhere_above_the_guest() -> None:
    assert planned("/dev/sda2 /../../srv//x/ ext4\n", Filesystem("/dev/sda2", "ext4"))[1] == ("/srv/x", "/dev/sda2")


# The one system on the disks.
def test_one_system_is_found_with_what_its_fstab_mounts(session: Any, disks: Callable[..., Disks]) -> None:
    systems = {"/dev/sda1": {"/grub": ""}, "/dev/sda2": {**SYSTEM, "/etc/fstab": "UUID=uuid-sda1 /boot ext2\n"}}
    lay = disks(systems, {"/dev/sda1": "ext2", "/dev/sda2": "ext4"})
    layout = find_layout(session, {})

    assert layout.root == "/dev/sda2"
    assert [(mount.mountpoint, mount.device) for mount in layout.mounts] == [("/", "/dev/sda2"), ("/boot", "/dev/sda1")]
    assert [found.device for found in layout.filesystems] == ["/dev/sda1", "/dev/sda2"]
    assert lay.mounted is None


def test_looking_for_a_system_replays_no_journal(session: Any, disks: Callable[..., Disks]) -> None:
    types = {"/dev/sda1": "ext4", "/dev/sda2": "xfs", "/dev/sda3": "ext3", "/dev/sda4": "btrfs"}
    disks({"/dev/sda1": SYSTEM, "/dev/sda2": {}, "/dev/sda3": {}, "/dev/sda4": {}}, types)
    find_layout(session, {})

    options = {call[3]: call[1] for call in session.calls if call[0] == "mount_vfs"}
    assert options == {
        "/dev/sda1": "ro,noload",
        "/dev/sda2": "ro,norecovery",
        "/dev/sda3": "ro,noload",
        "/dev/sda4": "ro",
    }


def test_a_system_in_a_subvolume_is_found(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda1": {}, "btrfsvol:/dev/sda1/@": SYSTEM}, {"/dev/sda1": "btrfs"})
    session.answers["btrfs_subvolume_list"] = [{"btrfssubvolume_id": 256, "btrfssubvolume_path": "@"}]

    assert find_layout(session, {}).root == "btrfsvol:/dev/sda1/@"


def test_a_default_subvolume_is_not_taken_for_a_second_system(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda1": SYSTEM, "btrfsvol:/dev/sda1/@": SYSTEM}, {"/dev/sda1": "btrfs"})
    session.answers["btrfs_subvolume_list"] = [{"btrfssubvolume_id": 256, "btrfssubvolume_path": "@"}]
    session.answers["btrfs_subvolume_get_default"] = 256

    assert find_layout(session, {}).root == "/dev/sda1"


def test_a_file_system_that_cannot_be_mounted_holds_no_system(session: Any, disks: Callable[..., Disks]) -> None:
    types = {"/dev/sda1": "ext4", "/dev/sda2": "ext4", "/dev/sda3": "btrfs"}
    disks({"/dev/sda2": SYSTEM}, types)
    del session.answers["btrfs_subvolume_list"]

    assert find_layout(session, {}).root == "/dev/sda2"


@pytest.mark.parametrize("missing", [("/etc/os-release", "/etc/fstab"), ("/usr", "/bin")])
def test_half_a_system_is_none(session: Any, disks: Callable[..., Disks], missing: tuple[str, ...]) -> None:
    disks({"/dev/sda1": {path: text for path, text in SYSTEM.items() if path not in missing}})
    session.answers["inspect_os"] = []

    with pytest.raises(NoSystem) as none:
        find_layout(session, {})
    assert none.value.why == "it has /dev/sda1 (ext4)"


def test_an_initramfs_is_no_system(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda1": {**SYSTEM, "/etc/initrd-release": ""}})
    session.answers["inspect_os"] = []

    with pytest.raises(NoSystem):
        find_layout(session, {})


def test_an_encrypted_disk_without_a_key_is_told_how_to_open_it(session: Any, disks: Callable[..., Disks]) -> None:
    disks({}, {"/dev/sda1": "crypto_LUKS"})
    session.answers["inspect_os"] = []

    with pytest.raises(NoSystem) as none:
        find_layout(session, {})
    assert none.value.fix == "open the encrypted ones: --key /dev/sda1=file:PATH"


def test_several_systems_are_refused_by_name(session: Any, disks: Callable[..., Disks]) -> None:
    lay = disks({"/dev/sda1": SYSTEM, "/dev/sda2": SYSTEM})

    with pytest.raises(SeveralSystems, match=r"2 systems: /dev/sda1, /dev/sda2"):
        find_layout(session, {})
    assert lay.mounted is None


def test_an_ostree_system_is_refused_and_left_unmounted(session: Any, disks: Callable[..., Disks]) -> None:
    lay = disks({"/dev/sda1": {"/ostree/repo": "", "/boot": ""}})

    with pytest.raises(ImmutableSystem, match="ostree"):
        find_layout(session, {})
    assert lay.mounted is None


def test_a_system_that_merely_has_ostree_is_found(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda1": {**SYSTEM, "/ostree/repo": "", "/etc/passwd": ""}})

    assert find_layout(session, {}).root == "/dev/sda1"


@pytest.mark.parametrize("kind", ["ext2", "ext3", "ext4"])
@pytest.mark.parametrize(
    "superblock",
    [
        {"Filesystem features": "has_journal needs_recovery", "Filesystem state": "clean"},
        {"Filesystem features": "has_journal", "Filesystem state": "not clean"},
    ],
)
def test_an_unclean_file_system_is_refused(
    session: Any, disks: Callable[..., Disks], kind: str, superblock: dict[str, str]
) -> None:
    disks({"/dev/sda1": SYSTEM}, {"/dev/sda1": kind})
    session.answers["tune2fs_l"] = superblock

    with pytest.raises(UncleanFilesystem, match=f"the {kind} file system on /dev/sda1"):
        find_layout(session, {})


def test_a_hibernated_system_is_refused(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda1": SYSTEM}, {"/dev/sda1": "ext4", "/dev/sda2": "swsuspend"})

    with pytest.raises(Hibernated):
        find_layout(session, {})


# What only libguestfs' own inspection knows.
def test_an_unusual_layout_is_left_to_inspection(session: Any, disks: Callable[..., Disks]) -> None:
    disks({}, {"/dev/sda1": "ntfs", "/dev/sda2": "ntfs"})
    session.answers["inspect_os"] = ["/dev/sda2"]
    session.answers["inspect_get_mountpoints"] = {"/data": "/dev/sda1", "/": "/dev/sda2"}
    layout = find_layout(session, {})

    assert layout.mounts == (
        Mount("/dev/sda2", "/dev/sda2", "ntfs", "/"),
        Mount("/dev/sda1", "/dev/sda1", "ntfs", "/data"),
    )
    assert session.verbs()[-1] == "umount_all"


def test_inspection_may_find_several_too(session: Any, disks: Callable[..., Disks]) -> None:
    disks({}, {"/dev/sda1": "ntfs"})
    session.answers["inspect_os"] = ["/dev/sda1", "/dev/sda2"]

    with pytest.raises(SeveralSystems):
        find_layout(session, {})


# Mounting.
LAYOUT = Layout("/dev/sda1", (ROOT, Mount("/dev/sda2", "/dev/sda2", "", "/boot")), ())


@pytest.mark.parametrize(("readonly", "option"), [(True, "ro"), (False, "noatime")])
def test_a_layout_is_mounted_in_its_order(session: Any, option: str, *, readonly: bool) -> None:
    session.answers |= {"mount_vfs": None, "mount_options": None}
    mount_all(session, LAYOUT, readonly=readonly)

    assert session.calls == [
        ("mount_vfs", option, "ext4", "/dev/sda1", "/"),
        ("mount_options", option, "/dev/sda2", "/boot"),
    ]


def test_a_file_system_that_cannot_be_mounted_is_the_images_fault(
    session: Any, refused: Callable[[str], Exception]
) -> None:
    session.answers |= {"mount_vfs": None, "mount_options": refused("mount: /boot: unknown filesystem type 'x'.\n")}

    with pytest.raises(CannotMount) as cannot:
        mount_all(session, LAYOUT, readonly=True)
    assert cannot.value.exit_status == 4
    assert cannot.value.message == "the file system on /dev/sda2 cannot be mounted on /boot"
    assert "unknown filesystem type" in cannot.value.why
