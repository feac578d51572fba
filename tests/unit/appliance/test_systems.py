from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.disks import Filesystem
from imagekit.appliance.systems import is_system, systems_on

if TYPE_CHECKING:
    from collections.abc import Callable

EXT4 = Filesystem("/dev/sda1", "ext4", uuid="beef")
BTRFS = Filesystem("/dev/sda1", "btrfs", uuid="beef")
SYSTEM = {"/etc/os-release": "", "/usr": ""}


class Contents:
    """What a session answers for one disk: mountable -> {path: text}; a btrfs also has numbered subvolumes."""

    def __init__(self, session: Any, refuse: Callable[[str], Exception], mountables: dict[str, dict[str, str]]) -> None:
        self.mountables = mountables
        self.refuse = refuse
        self.mounted: dict[str, str] | None = None
        self.kinds: dict[str, int] = {}
        session.answers |= {
            "mount_vfs": self._mount,
            "umount_all": self._umount,
            "lstatns": self._stat,
            "statns": self._stat,
            "pread": lambda path, count, _offset: (self.mounted or {})[path].encode()[:count],
        }

    def _mount(self, options: str, _type: str, mountable: str, where: str) -> Exception | None:
        assert (self.mounted, where) == (None, "/")
        mountable = "top" if "subvolid=5" in options else mountable
        if mountable not in self.mountables:
            return self.refuse("mount: wrong fs type")
        self.mounted = self.mountables[mountable]
        return None

    def _umount(self) -> None:
        self.mounted = None

    def _stat(self, path: str) -> Any:
        if path not in (self.mounted or {}):
            return self.refuse(f"{path}: No such file or directory")
        return {"st_mode": self.kinds.get(path, stat.S_IFREG)}


@pytest.fixture
def contents(session: Any, refused: Callable[[str], Exception]) -> Callable[[dict[str, dict[str, str]]], Contents]:
    return lambda mountables: Contents(session, refused, mountables)


@pytest.fixture
def subvolumes(session: Any, contents: Callable[..., Contents]) -> Callable[..., Contents]:
    """Lay a btrfs: subvolume -> paths in it, "" for what is in none; the default one is what the device shows."""

    def lay(trees: dict[str, dict[str, str]], default: str = "") -> Contents:
        numbers = {path: number for number, path in enumerate((path for path in trees if path), 256)}
        session.answers |= {
            "btrfs_subvolume_list": [
                {"btrfssubvolume_id": number, "btrfssubvolume_path": path} for path, number in numbers.items()
            ],
            "btrfs_subvolume_get_default": numbers.get(default, 5),
        }
        top = {
            (f"/{path}" if path else "") + inner: text for path, tree in trees.items() for inner, text in tree.items()
        }
        mountables = {f"btrfsvol:/dev/sda1/{path}": tree for path, tree in trees.items()}
        return contents({"top": top, "/dev/sda1": top if not default else trees[default], **mountables})

    return lay


def found(session: Any) -> list[str]:
    return [system.mountable for system in systems_on(session, BTRFS)]


# What a system is.
@pytest.mark.parametrize("name", ["/etc/os-release", "/usr/lib/os-release", "/etc/fstab", "/etc/redhat-release"])
@pytest.mark.parametrize("programs", ["/bin", "/usr"])
def test_a_system_says_what_it_is_and_has_programs(
    session: Any, contents: Callable[..., Contents], name: str, programs: str
) -> None:
    contents({"/dev/sda1": {name: "", programs: ""}})

    assert len(systems_on(session, EXT4)) == 1


@pytest.mark.parametrize("paths", [(), ("/etc/os-release",), ("/usr", "/bin"), (*SYSTEM, "/etc/initrd-release")])
def test_anything_else_is_none(session: Any, contents: Callable[..., Contents], paths: tuple[str, ...]) -> None:
    lay = contents({"/dev/sda1": dict.fromkeys(paths, "")})

    assert systems_on(session, EXT4) == ()
    assert lay.mounted is None


def test_a_system_may_lie_in_a_directory(session: Any, contents: Callable[..., Contents]) -> None:
    contents({"/dev/sda1": {"/a/etc/os-release": "", "/a/bin": ""}})
    session.call("mount_vfs", "ro", "ext4", "/dev/sda1", "/")

    assert is_system(session, "/a")
    assert not is_system(session, "/b")
    assert not is_system(session)


def test_what_cannot_be_mounted_holds_no_system(session: Any, contents: Callable[..., Contents]) -> None:
    contents({})

    assert systems_on(session, EXT4) == systems_on(session, BTRFS) == ()
    assert "umount_all" not in session.verbs()


def test_an_immutable_system_is_told_by_its_repository(session: Any, contents: Callable[..., Contents]) -> None:
    contents({"/dev/sda1": {"/ostree/repo": "", "/boot": ""}})

    assert [system.immutable for system in systems_on(session, EXT4)] == ["ostree"]


def test_a_system_that_merely_has_ostree_is_an_ordinary_one(session: Any, contents: Callable[..., Contents]) -> None:
    contents({"/dev/sda1": {**SYSTEM, "/ostree/repo": "", "/etc/passwd": ""}})

    assert [system.immutable for system in systems_on(session, EXT4)] == [""]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("ext2", "ro"),
        ("ext3", "ro,noload"),
        ("ext4", "ro,noload"),
        ("xfs", "ro,norecovery"),
        ("btrfs", "ro,rescue=nologreplay"),
    ],
)
def test_to_look_replays_no_journal(session: Any, contents: Callable[..., Contents], kind: str, options: str) -> None:
    contents({"top": SYSTEM, "/dev/sda1": SYSTEM})
    systems_on(session, Filesystem("/dev/sda1", kind))

    asked = [call[1] for call in session.calls if call[0] == "mount_vfs"]
    assert asked[-1] == options
    assert all(each.startswith(options) for each in asked)


# What is read of it.
def test_fstab_and_crypttab_are_read(session: Any, contents: Callable[..., Contents]) -> None:
    texts = {"/etc/fstab": "UUID=beef / ext4 defaults\n", "/etc/crypttab": "root UUID=beef\n"}
    contents({"/dev/sda1": {**SYSTEM, **texts}})
    (system,) = systems_on(session, EXT4)

    assert [(entry.spec, entry.file) for entry in system.fstab] == [("UUID=beef", "/")]
    assert system.crypttab == "root UUID=beef\n"


def test_a_system_without_them_is_one(session: Any, contents: Callable[..., Contents]) -> None:
    contents({"/dev/sda1": SYSTEM})
    (system,) = systems_on(session, EXT4)

    assert (system.fstab, system.crypttab) == ((), "")


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_what_is_no_regular_file_is_not_read(session: Any, contents: Callable[..., Contents], kind: int) -> None:
    lay = contents({"/dev/sda1": {**SYSTEM, "/etc/fstab": "/dev/sda2 /x ext4"}})
    lay.kinds["/etc/fstab"] = kind

    assert systems_on(session, EXT4)[0].fstab == ()
    assert "pread" not in session.verbs()


def test_no_more_than_a_mebibyte_is_read(session: Any, contents: Callable[..., Contents]) -> None:
    line = "/dev/sda2 /x ext4\n"
    contents({"/dev/sda1": {**SYSTEM, "/etc/fstab": line * 500_000}})

    assert len(systems_on(session, EXT4)[0].fstab) <= (1 << 20) // len(line) + 1


@pytest.mark.parametrize(
    ("line", "asleep"),
    [
        ("/swap.img none swap sw 0 0", "/swap.img"),
        ("/awake none swap sw\n/swap.img none swap", "/swap.img"),
        ("/awake none swap sw", ""),
        ("/missing none swap", ""),
        ("/swap.img /mnt ext4 loop", ""),
        ("UUID=beef none swap", ""),
    ],
)
def test_a_swap_file_that_holds_the_memory_is_told(
    session: Any, contents: Callable[..., Contents], line: str, asleep: str
) -> None:
    page = "x" * (4096 - 10)
    files = {"/etc/fstab": f"{line}\n", "/swap.img": f"{page}S1SUSPEND\0", "/awake": f"{page}SWAPSPACE2"}
    contents({"/dev/sda1": {**SYSTEM, **files}})

    assert systems_on(session, EXT4)[0].asleep == asleep


# Subvolumes.
def test_a_system_at_the_top_is_what_the_device_shows(session: Any, subvolumes: Callable[..., Contents]) -> None:
    subvolumes({"": SYSTEM, "home": {}})

    assert found(session) == ["/dev/sda1"]


def test_a_system_in_a_subvolume_is_found(session: Any, subvolumes: Callable[..., Contents]) -> None:
    lay = subvolumes({"@": SYSTEM, "@home": {}})

    assert found(session) == ["btrfsvol:/dev/sda1/@"]
    assert lay.mounted is None


def test_subvolumes_that_hold_no_system_are_not_mounted(session: Any, subvolumes: Callable[..., Contents]) -> None:
    subvolumes({"@": SYSTEM, **{f"@{number}": {} for number in range(50)}})
    systems_on(session, BTRFS)

    assert session.verbs().count("mount_vfs") == 2


def test_the_default_subvolume_is_what_the_device_shows(session: Any, subvolumes: Callable[..., Contents]) -> None:
    subvolumes({"@": SYSTEM, "@home": {}}, default="@")

    assert found(session) == ["/dev/sda1"]


def test_snapshots_are_left_out_but_for_the_one_that_runs(session: Any, subvolumes: Callable[..., Contents]) -> None:
    trees = {"@": {}, "@/.snapshots/1/snapshot": SYSTEM, "@/.snapshots/2/snapshot": SYSTEM}
    subvolumes(trees, default="@/.snapshots/1/snapshot")

    assert found(session) == ["/dev/sda1"]


@pytest.mark.parametrize("root", ["", "@"])
def test_containers_of_a_system_are_no_systems(session: Any, subvolumes: Callable[..., Contents], root: str) -> None:
    below = f"{root}/" if root else ""
    subvolumes({f"{below}var/lib/machines/x": SYSTEM, root: SYSTEM})

    assert found(session) == [f"btrfsvol:/dev/sda1/{root}" if root else "/dev/sda1"]


def test_an_immutable_system_in_a_subvolume_is_found(session: Any, subvolumes: Callable[..., Contents]) -> None:
    subvolumes({"root": {"/ostree/repo": ""}})

    assert [system.immutable for system in systems_on(session, BTRFS)] == ["ostree"]


def fstab(subvolume: str) -> dict[str, str]:
    option = f"subvol={subvolume}" if subvolume else "defaults"
    return {**SYSTEM, "/etc/fstab": f"UUID=beef / btrfs {option} 0 0\n"}


@pytest.mark.parametrize("written", ["@", "/@"])
@pytest.mark.parametrize("default", ["", "@"])
def test_a_copy_whose_fstab_names_the_original_is_no_second_system(
    session: Any, subvolumes: Callable[..., Contents], written: str, default: str
) -> None:
    subvolumes({"@": fstab(written), "@before": fstab(written)}, default=default)

    assert found(session) == ["/dev/sda1" if default else "btrfsvol:/dev/sda1/@"]


def test_a_copy_of_what_the_device_shows_is_no_second_system(session: Any, subvolumes: Callable[..., Contents]) -> None:
    subvolumes({"@": fstab(""), "@before": fstab("")}, default="@")

    assert found(session) == ["/dev/sda1"]


@pytest.mark.parametrize("second", ["@b", "@c"])
def test_two_systems_that_claim_themselves_or_none_are_both_told(
    session: Any, subvolumes: Callable[..., Contents], second: str
) -> None:
    first = "@a" if second == "@b" else "@x"
    subvolumes({"@a": fstab(first), "@b": fstab(second)})

    assert found(session) == ["btrfsvol:/dev/sda1/@a", "btrfsvol:/dev/sda1/@b"]


def test_where_subvolumes_cannot_be_listed_the_device_is_looked_at(
    session: Any, subvolumes: Callable[..., Contents], refused: Callable[[str], Exception]
) -> None:
    subvolumes({"": SYSTEM})
    session.answers["btrfs_subvolume_list"] = refused("unexpected output from 'btrfs subvolume list'")

    assert found(session) == ["/dev/sda1"]


def test_no_more_than_a_thousand_subvolumes_are_looked_at(session: Any, subvolumes: Callable[..., Contents]) -> None:
    subvolumes({**{f"x/{number}": {} for number in range(3000)}, "@": SYSTEM})

    assert found(session) == ["btrfsvol:/dev/sda1/@"]
    assert session.verbs().count("lstatns") < 10_000
