from __future__ import annotations

import posixpath
import stat
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.disks import Filesystem, Hibernated
from imagekit.appliance.layout import (
    CannotMount,
    ImmutableSystem,
    Layout,
    MissingFilesystem,
    Mount,
    Mounted,
    NoSystem,
    SeveralSystems,
    TooManyMounts,
    UncleanFilesystem,
    find_layout,
    mount_all,
    open_layout,
    plan_mounts,
)
from imagekit.guest.fstab import parse

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Mount("/dev/sda1", "/dev/sda1", "ext4", "/")
CLEAN = bytes(0x3A) + b"\1" + bytes(1024 - 0x3B)
NOT_UNMOUNTED, TO_REPLAY = bytes(1024), CLEAN[:0x60] + b"\4" + CLEAN[0x61:]
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
            "lstatns": self.stat,
            "statns": self.stat,
            "pread": lambda path, _count, _offset: systems[self.mounted or ""][path].encode(),
            "pread_device": CLEAN,
            "script": "",
        }

    def stat(self, path: str) -> dict[str, int] | Exception:
        return {"st_mode": stat.S_IFREG} if path in self.systems[self.mounted or ""] else self.refuse(path)

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


def test_a_subvolume_may_be_named_by_its_number() -> None:
    found = (Filesystem("/dev/sda2", "btrfs"),)
    fstab = (
        "/dev/sda2 /a btrfs subvolid=257\n/dev/sda2 /b btrfs subvolid=258,subvol=@b\n/dev/sda2 /c btrfs subvolid=x,ro\n"
    )

    assert plan_mounts(ROOT, parse(fstab), found)[1:] == (
        Mount("/dev/sda2", "/dev/sda2", "btrfs", "/a", option="subvolid=257"),
        Mount("btrfsvol:/dev/sda2/@b", "/dev/sda2", "btrfs", "/b"),
        Mount("/dev/sda2", "/dev/sda2", "btrfs", "/c"),
    )


def test_a_mount_remembers_that_the_guest_goes_on_without_it() -> None:
    found = (Filesystem("/dev/sda2", "ext4"),)
    fstab = "/dev/sda2 /a ext4 nofail,x-systemd.device-timeout=1\n/dev/sda2 /b ext4 defaults\n"

    assert [mount.nofail for mount in plan_mounts(ROOT, parse(fstab), found)] == [False, True, False]


@pytest.mark.parametrize("file", [r"/a\000b", "/a\x1b[31m", r"/a\177", r"/\012"])
def test_a_mount_point_that_no_terminal_should_see_is_left_out(file: str) -> None:
    assert planned(f"/dev/sda2 {file} ext4\n", Filesystem("/dev/sda2", "ext4")) == [("/", "/dev/sda1")]


def test_a_mount_point_may_have_blanks() -> None:
    assert planned("/dev/sda2 /my\\040disk ext4\n", Filesystem("/dev/sda2", "ext4"))[1] == ("/my disk", "/dev/sda2")


def test_an_fstab_without_end_is_refused_if_it_can_be_mounted_and_ignored_if_not() -> None:
    fstab = "".join(f"/dev/sda2 /{number} ext4\n" for number in range(10_000))

    assert planned(fstab) == [("/", "/dev/sda1")]
    with pytest.raises(TooManyMounts, match="mounts 10001 file systems"):
        planned(fstab, Filesystem("/dev/sda2", "ext4"))


def test_what_fstab_says_reaches_no_terminal_as_it_is() -> None:
    with pytest.raises(MissingFilesystem) as missing:
        planned("LABEL=\x1b[31mred /var ext4\n")

    assert "LABEL=[31mred on /var" in missing.value.message


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


def test_a_file_system_that_cannot_be_mounted_holds_no_system(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda2": SYSTEM}, {"/dev/sda1": "ext4", "/dev/sda2": "ext4", "/dev/sda3": "btrfs"})

    assert find_layout(session, {}).root == "/dev/sda2"


def test_disks_without_a_system_are_told_by_what_is_on_them(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda1": {"/usr": ""}}, {"/dev/sda1": "ext4", "/dev/sda2": ""})
    session.answers["inspect_os"] = []

    with pytest.raises(NoSystem) as none:
        find_layout(session, {})
    assert none.value.why == "it has /dev/sda1 (ext4), /dev/sda2 (unknown)"


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


@pytest.mark.parametrize("kind", ["ext2", "ext3", "ext4"])
@pytest.mark.parametrize("superblock", [NOT_UNMOUNTED, TO_REPLAY])
def test_an_unclean_file_system_is_refused(
    session: Any, disks: Callable[..., Disks], kind: str, superblock: bytes
) -> None:
    disks({"/dev/sda1": SYSTEM}, {"/dev/sda1": kind})
    session.answers["pread_device"] = superblock

    with pytest.raises(UncleanFilesystem, match=f"the {kind} file system on /dev/sda1"):
        find_layout(session, {})


def test_an_unclean_file_system_that_is_none_of_the_systems_does_not_matter(
    session: Any, disks: Callable[..., Disks]
) -> None:
    disks({"/dev/sda1": SYSTEM, "/dev/sda2": {}})
    session.answers["pread_device"] = lambda device, *_: CLEAN if device == "/dev/sda1" else TO_REPLAY

    assert find_layout(session, {}).root == "/dev/sda1"


def test_what_was_encrypted_is_mounted_by_the_name_that_crypttab_gives_it(
    session: Any, disks: Callable[..., Disks]
) -> None:
    texts = {"/etc/fstab": "/dev/mapper/state /var ext4\n", "/etc/crypttab": "state UUID=uuid-sda2 none luks\n"}
    types = {"/dev/sda1": "ext4", "/dev/sda2": "crypto_LUKS", "/dev/mapper/imagekit0": "ext4"}
    disks({"/dev/sda1": {**SYSTEM, **texts}, "/dev/mapper/imagekit0": {}}, types)
    session.answers |= {"list_partitions": ["/dev/sda1", "/dev/sda2"], "cryptsetup_open": None}
    layout = find_layout(session, {"/dev/sda2": b"x"})

    assert [(mount.mountpoint, mount.device) for mount in layout.mounts] == [
        ("/", "/dev/sda1"),
        ("/var", "/dev/mapper/imagekit0"),
    ]


def test_what_is_missing_may_be_in_an_encrypted_device_without_a_key(session: Any, disks: Callable[..., Disks]) -> None:
    texts = {"/etc/fstab": "/dev/mapper/state /var ext4\n"}
    disks({"/dev/sda1": {**SYSTEM, **texts}}, {"/dev/sda1": "ext4", "/dev/sda2": "crypto_LUKS"})

    with pytest.raises(MissingFilesystem) as missing:
        find_layout(session, {})
    assert missing.value.fix == "open the encrypted ones: --key /dev/sda2=file:PATH, or mend /etc/fstab"


def test_a_hibernated_system_is_refused(session: Any, disks: Callable[..., Disks]) -> None:
    disks({"/dev/sda1": SYSTEM}, {"/dev/sda1": "ext4", "/dev/sda2": "swsuspend"})

    with pytest.raises(Hibernated):
        find_layout(session, {})


def test_a_system_that_hibernated_to_a_file_is_refused(session: Any, disks: Callable[..., Disks]) -> None:
    swap = "x" * 4086 + "S1SUSPEND\0"
    disks({"/dev/sda1": {**SYSTEM, "/etc/fstab": "/swap.img none swap sw\n", "/swap.img": swap}})

    with pytest.raises(Hibernated, match=r"/swap\.img holds its memory"):
        find_layout(session, {})


# What only libguestfs' own inspection knows.
def test_an_unusual_layout_is_left_to_inspection(session: Any, disks: Callable[..., Disks]) -> None:
    disks({}, {"/dev/sda1": "ntfs", "/dev/sda2": "ntfs"})
    session.answers["inspect_os"] = ["/dev/sda2"]
    session.answers["inspect_get_mountpoints"] = {"/data": "/dev/sda1", "/": "/dev/sda2"}
    layout = find_layout(session, {})

    assert layout.mounts == (
        Mount("/dev/sda2", "/dev/sda2", "ntfs", "/"),
        Mount("/dev/sda1", "/dev/sda1", "ntfs", "/data", nofail=True),
    )
    assert session.verbs()[-1] == "umount_all"


def test_before_inspection_everything_is_brought_up_as_a_boot_of_the_appliance_does_it(
    session: Any, disks: Callable[..., Disks]
) -> None:
    disks({}, {"/dev/sda1": "ntfs"})
    session.answers["inspect_os"] = []

    with pytest.raises(NoSystem):
        find_layout(session, {})
    assert "ldmtool create all" in session.calls[-2][1]


def test_inspection_may_find_several_too(session: Any, disks: Callable[..., Disks]) -> None:
    disks({}, {"/dev/sda1": "ntfs"})
    session.answers["inspect_os"] = ["/dev/sda1", "/dev/sda2"]

    with pytest.raises(SeveralSystems):
        find_layout(session, {})


# Found and mounted.
def asked(session: Any) -> list[tuple[Any, ...]]:
    return [call[:3] for call in session.calls if call[0] in ("mount_vfs", "umount_all", "pread_device")]


@pytest.mark.parametrize(("readonly", "option"), [(True, "ro"), (False, "noatime")])
@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_the_only_one_that_can_hold_a_system_is_mounted_once(
    session: Any, disks: Callable[..., Disks], kind: str, option: str, *, readonly: bool
) -> None:
    lay = disks({"/dev/sda2": SYSTEM}, {"/dev/sda1": "vfat", "/dev/sda2": kind})
    mounted = open_layout(session, {}, readonly=readonly)

    assert [mount.mountpoint for mount in mounted.layout.mounts] == ["/"]
    assert [call for call in asked(session) if call[0] != "pread_device"] == [("mount_vfs", option, kind)]
    assert lay.mounted == "/dev/sda2"


def test_a_superblock_is_not_judged_while_it_is_in_use(session: Any, disks: Callable[..., Disks]) -> None:
    lay = disks({"/dev/sda1": SYSTEM})
    session.answers["pread_device"] = lambda *_: TO_REPLAY if lay.mounted else CLEAN

    assert open_layout(session, {}, readonly=False).layout.root == "/dev/sda1"


@pytest.mark.parametrize("kind", ["ext4", "btrfs"])
def test_where_several_can_hold_it_each_is_looked_at_without_a_change(
    session: Any, disks: Callable[..., Disks], kind: str
) -> None:
    disks({"/dev/sda1": {"/usr": ""}, "/dev/sda2": SYSTEM}, {"/dev/sda1": kind, "/dev/sda2": "ext4"})
    open_layout(session, {}, readonly=False)

    looks = [call[1] for call in asked(session) if call[0] == "mount_vfs"]
    assert all(look.startswith("ro,") for look in looks[:-1])
    assert looks[-1] == "noatime"


def test_an_unclean_one_is_not_mounted_for_good(session: Any, disks: Callable[..., Disks]) -> None:
    lay = disks({"/dev/sda1": SYSTEM})
    session.answers["pread_device"] = TO_REPLAY

    with pytest.raises(UncleanFilesystem):
        open_layout(session, {}, readonly=False)
    assert [call[1] for call in asked(session) if call[0] == "mount_vfs"] == ["ro,noload"]
    assert lay.mounted is None


def test_one_that_holds_no_system_is_left_to_inspection_unmounted(session: Any, disks: Callable[..., Disks]) -> None:
    lay = disks({"/dev/sda1": {"/usr": ""}})
    session.answers["inspect_os"] = lambda: [] if lay.mounted is None else ["wrong"]

    with pytest.raises(NoSystem):
        open_layout(session, {}, readonly=False)


def test_one_that_can_be_read_but_not_written_is_told_with_the_reason(
    session: Any, disks: Callable[..., Disks]
) -> None:
    lay = disks({"/dev/sda1": SYSTEM})
    session.answers["mount_vfs"] = lambda how, *rest: (
        lay.mount(how, *rest) if how.startswith("ro") else lay.refuse("unknown features")
    )

    with pytest.raises(CannotMount) as cannot:
        open_layout(session, {}, readonly=False)
    assert "unknown features" in cannot.value.reason


# Mounting.
class Tree:
    """What a session answers for a mounted system with these directories, files and links."""

    def __init__(self, session: Any, refuse: Callable[[str], Exception], paths: dict[str, str | int]) -> None:
        self.paths: dict[str, str | int] = {"/boot": stat.S_IFDIR, "/srv": stat.S_IFDIR, **paths}
        self.refuse = refuse
        session.answers |= {
            "lstatns": self.stat,
            "readlink": lambda path: self.paths[path],
            "mount_vfs": None,
            "mount_options": None,
        }

    def stat(self, path: str) -> dict[str, int] | Exception:
        kind = self.paths.get(path)
        if kind is None:
            return self.refuse("No such file or directory")
        return {"st_mode": stat.S_IFLNK if isinstance(kind, str) else kind}


@pytest.fixture
def tree(session: Any, refused: Callable[[str], Exception]) -> Callable[..., Tree]:
    return lambda paths: Tree(session, refused, paths)


def mounted(session: Any) -> list[tuple[str, str]]:
    return [(call[4], call[3]) for call in session.calls if call[0] == "mount_vfs"]


def laid_out(*mounts: Mount) -> Layout:
    return Layout("/dev/sda1", (ROOT, *mounts), ())


def second(mountpoint: str, *, nofail: bool = False) -> Mount:
    return Mount("/dev/sda2", "/dev/sda2", "ext4", mountpoint, nofail=nofail)


@pytest.mark.parametrize(("readonly", "option"), [(True, "ro"), (False, "noatime")])
def test_a_layout_is_mounted_in_its_order(
    session: Any, tree: Callable[..., Tree], option: str, *, readonly: bool
) -> None:
    tree({})
    numbered = Mount("/dev/sda3", "/dev/sda3", "btrfs", "/srv", option="subvolid=257")
    layout = laid_out(Mount("/dev/sda2", "/dev/sda2", "", "/boot"), numbered)

    assert mount_all(session, layout, readonly=readonly) == Mounted(layout, ())
    assert [call for call in session.calls if call[0].startswith("mount")] == [
        ("mount_vfs", option, "ext4", "/dev/sda1", "/"),
        ("mount_options", option, "/dev/sda2", "/boot"),
        ("mount_vfs", f"{option},subvolid=257", "btrfs", "/dev/sda3", "/srv"),
    ]


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("/srv", "/srv"),
        ("srv", "/srv"),
        ("../../srv", "/srv"),
        ("/a/../srv/./", "/srv"),
        ("/link", "/srv"),
    ],
)
def test_links_in_a_mount_point_lead_to_a_directory_of_the_guest(
    session: Any, tree: Callable[..., Tree], target: str, where: str
) -> None:
    tree({"/data": target, "/link": "/srv"})

    assert mount_all(session, laid_out(second("/data")), readonly=True) == Mounted(laid_out(second(where)), ())
    assert mounted(session)[1:] == [(where, "/dev/sda2")]


def test_links_above_a_mount_point_are_resolved_too(session: Any, tree: Callable[..., Tree]) -> None:
    tree({"/opt": "/srv", "/srv/data": stat.S_IFDIR})
    mount_all(session, laid_out(second("/opt/data")), readonly=True)

    assert mounted(session)[1:] == [("/srv/data", "/dev/sda2")]


def test_a_link_that_a_mount_brings_is_seen(session: Any, tree: Callable[..., Tree]) -> None:
    lay = tree({"/srv/data": stat.S_IFDIR})

    def mount(_options: str, _type: str, mountable: str, _where: str) -> None:
        if mountable == "/dev/sda2":
            lay.paths |= {"/srv/data": "/boot"}

    session.answers["mount_vfs"] = mount
    third = Mount("/dev/sda3", "/dev/sda3", "ext4", "/srv/data")
    mount_all(session, laid_out(second("/srv"), third), readonly=True)

    assert mounted(session)[1:] == [("/srv", "/dev/sda2"), ("/boot", "/dev/sda3")]


@pytest.mark.parametrize(
    ("mountpoint", "reason"),
    [
        ("/nothing", "no such directory"),
        ("/file", "no such directory"),
        ("/loop", "round in circles"),
        ("/host", "no such directory"),
        ("/root-again", "that is /, which"),
        ("/proc", "that is /proc, which"),
        ("/sys/fs", "that is /sys/fs, which"),
        ("/dev", "that is /dev, which"),
        ("/var/run/x", "that is /run/x, which"),
    ],
)
@pytest.mark.parametrize("nofail", [False, True])
def test_what_cannot_be_mounted_there_is_left_out_and_said(
    session: Any, tree: Callable[..., Tree], mountpoint: str, reason: str, *, nofail: bool
) -> None:
    directories = dict.fromkeys(["/proc", "/sys", "/sys/fs", "/dev", "/run", "/run/x", "/var"], stat.S_IFDIR)
    links = {"/loop": "/loop", "/host": "/sysroot", "/root-again": "/", "/var/run": "../run"}
    tree({**directories, **links, "/file": stat.S_IFREG})
    result = mount_all(session, laid_out(second(mountpoint, nofail=nofail)), readonly=True)
    (left_out,) = result.left_out

    assert result.layout == laid_out()
    assert left_out.startswith(f"/dev/sda2 is not mounted on {mountpoint}: ")
    assert reason in left_out
    assert mounted(session) == [("/", "/dev/sda1")]


@pytest.mark.parametrize("mountpoint", ["/usr", "/var"])
def test_what_the_guest_cannot_be_without_must_be_mounted(
    session: Any, tree: Callable[..., Tree], mountpoint: str
) -> None:
    tree({"/usr": "/proc"})

    with pytest.raises(CannotMount, match=f"/dev/sda2 cannot be mounted on {mountpoint}"):
        mount_all(session, laid_out(second(mountpoint)), readonly=True)
    assert len(mount_all(session, laid_out(second(mountpoint, nofail=True)), readonly=True).left_out) == 1


def test_a_file_system_that_cannot_be_mounted_is_the_images_fault(
    session: Any, tree: Callable[..., Tree], turns: type[list[Any]], refused: Callable[[str], Exception]
) -> None:
    tree({})
    session.answers["mount_vfs"] = turns([None, refused("mount: /srv: unknown filesystem type 'x'.\n")])

    with pytest.raises(CannotMount) as cannot:
        mount_all(session, laid_out(second("/srv")), readonly=True)
    assert cannot.value.exit_status == 4
    assert cannot.value.message == "the file system on /dev/sda2 cannot be mounted on /srv"
    assert "unknown filesystem type" in cannot.value.why


def test_one_that_the_guest_goes_on_without_is_left_out(
    session: Any, tree: Callable[..., Tree], turns: type[list[Any]], refused: Callable[[str], Exception]
) -> None:
    tree({})
    session.answers["mount_vfs"] = turns([None, refused("mount: \x1b[2J wrong fs type"), None])
    third = Mount("/dev/sda3", "/dev/sda3", "ext4", "/boot")
    result = mount_all(session, laid_out(second("/srv", nofail=True), third), readonly=True)

    assert result.layout == laid_out(third)
    assert result.left_out == ("/dev/sda2 is not mounted on /srv: mount: [2J wrong fs type",)
    assert mounted(session)[-1] == ("/boot", "/dev/sda3")
