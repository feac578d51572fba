"""Every way in which a system may lie on its disks: found, mounted, told apart, and changed where it belongs.

What the product finds is held against what the maker of the image knows, and against libguestfs' own inspection in the
same session. ``pytest --log-cli-level=INFO`` shows what each took.
"""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest

import imagekit
from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.disks import Hibernated, LuksKeyWrong
from imagekit.appliance.guest import ApplianceGuest
from imagekit.appliance.layout import (
    MissingFilesystem,
    NoSystem,
    SeveralSystems,
    TooManyMounts,
    UncleanFilesystem,
    find_layout,
    mount_all,
)
from imagekit.appliance.opening import open_session
from imagekit.appliance.session import Disk, Settings
from imagekit.appliance.unclean import is_unclean
from imagekit.engine.opened import Opened, checked, opened
from imagekit.events import Notice, silent
from imagekit.images.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from imagekit.appliance.layout import Layout, Mounted
    from imagekit.appliance.session import Session
    from imagekit.events import Event
    from imagekit.guest.facts import Facts

pytestmark = [pytest.mark.appliance]

LOG = logging.getLogger(__name__)
BENCH_SIZE = 128 << 20
PLAIN = ("mbr-ext4", "whole-disk", "by-label", "by-partuuid", "by-device")
SPLIT = ("gpt-split", "lvm", "btrfs", "whole-disk")
WRITTEN = {
    path: f"written to {path}\n".encode()
    for path in ("/var/lib/written", "/usr/lib/written", "/boot/written", "/written")
}

DIFFERENCES: dict[tuple[str, str], Any] = {
    # PARTUUID= in fstab is known from 1.54 on.
    ("by-partuuid", "mountpoints"): {"/": "/dev/sda2"},
    # Programs are looked for on the root's own file system, and here they are all on /usr.
    ("gpt-split", "arch"): "unknown",
    # crypttab is not read: the name in fstab is passed on, though no such device is there.
    ("luks", "mountpoints"): {"/": "/dev/mapper/root", "/boot": "/dev/sda1"},
}
"""What libguestfs' inspection gets wrong, as 1.48 does; another version may know better, and then agrees."""


def inspected(session: Session, root: str) -> dict[str, Any]:
    """Return what libguestfs' own inspection says of the one system that it must have found."""
    began = time.monotonic()
    assert session.call("inspect_os", deadline=600) == [root]
    LOG.info("inspect_os %.2f s", time.monotonic() - began)
    asked = ("mountpoints", "distro", "major_version", "arch", "package_management", "hostname")
    return {what: session.call(f"inspect_get_{what}", root) for what in asked}


def assert_agree(name: str, session: Session, layout: Layout, facts: Facts) -> None:
    ours = {
        "mountpoints": {mount.mountpoint: mount.mountable for mount in layout.mounts},
        "distro": facts.distro,
        "major_version": int(facts.version.partition(".")[0]),
        "arch": facts.arch,
        "package_management": facts.package_manager,
        "hostname": facts.hostname,
    }
    theirs = inspected(session, layout.root)
    wrong = {what: said for what, said in theirs.items() if said not in (ours[what], DIFFERENCES.get((name, what)))}

    assert wrong == {}


def assert_phony(name: str, facts: Facts) -> None:
    """Hold the facts against what ``fixtures/layouts.py`` puts into each system."""
    assert (facts.distro, facts.family, facts.version, facts.arch) == ("debian", "debian", "12", "x86_64")
    assert (facts.init, facts.package_manager, facts.boot_loader) == ("systemd", "apt", "grub")
    assert (facts.network_stack, facts.selinux, facts.hostname) == ("none", False, name)
    assert facts.kernels == ("6.1.0-1-amd64",)


def mounts_of(layout: Layout) -> dict[str, str]:
    return {mount.mountpoint: mount.mountable for mount in layout.mounts}


@contextlib.contextmanager
def product(image: Path, *, keys: tuple[str, ...] = (), readonly: bool = True) -> Iterator[Opened]:
    """Open an image as ``inspect`` does."""
    options = imagekit.Options(keys=keys)
    began = time.monotonic()
    with (
        checked(image, options, silent) as info,
        Workspace.scratch() as workspace,
        opened(info, workspace, options.settings(network=False), options, silent, readonly=readonly) as image_opened,
    ):
        LOG.info("%s: opened in %.2f s", image.name, time.monotonic() - began)
        yield image_opened


class Bench:
    """A session with one empty disk, over which small images are written, one after the other."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def lay(self, image: Path) -> None:
        """Put an image onto the disk, as if the machine had been started with it."""
        self.clear()
        self.session.call("upload", str(image), "/dev/sda")
        self.session.call("blockdev_flushbufs", "/dev/sda")
        self.session.call("blockdev_rereadpt", "/dev/sda")

    def clear(self) -> None:
        """Let go of everything on the disk."""
        self.session.call("umount_all")
        self.session.call("vg_activate_all", False)
        for name in ("imagekit0", "made"):
            with contextlib.suppress(VerbRefused):  # it is not open
                self.session.call("cryptsetup_close", f"/dev/mapper/{name}")

    def find(self, keys: dict[str, bytes] | None = None) -> Mounted:
        """Find the system and mount it read-only."""
        self.session.call("umount_all")
        began = time.monotonic()
        layout = find_layout(self.session, keys or {})
        found = time.monotonic()
        mounted = mount_all(self.session, layout, readonly=True)
        LOG.info("find_layout %.2f s, mount_all %.2f s", found - began, time.monotonic() - found)
        return mounted

    @property
    def guest(self) -> ApplianceGuest:
        return ApplianceGuest(self.session)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    disk = tmp_path_factory.mktemp("bench") / "disk.img"
    with disk.open("wb") as empty:
        empty.truncate(BENCH_SIZE)
    with Workspace.scratch() as workspace, open_session((Disk(disk, "raw"),), Settings(), workspace.runtime) as session:
        yield Bench(session)


# Found where their maker put them, and as libguestfs finds them.
@pytest.mark.parametrize("name", PLAIN)
def test_a_system_on_plain_partitions_is_found(layouts, bench: Bench, name: str) -> None:
    bench.lay(layouts[name].path)
    mounted = bench.find()
    facts = bench.guest.facts

    assert (mounts_of(mounted.layout), mounted.left_out) == (layouts[name].mounts, ())
    assert_phony(name, facts)
    assert_agree(name, bench.session, mounted.layout, facts)


@pytest.fixture(scope="module")
def customized(layouts, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    workdir = tmp_path_factory.mktemp("customized")
    files = "".join(
        f'      - {{path: {path}, content: "{text.decode().strip()}\\n"}}\n' for path, text in WRITTEN.items()
    )
    spec = workdir / "spec.yaml"
    spec.write_text(f"version: 1\ntransforms:\n  - write-files:\n{files}")
    outputs = {name: workdir / f"{name}.qcow2" for name in SPLIT}
    for name, output in outputs.items():
        imagekit.customize(layouts[name].path, spec, output=output)
    return outputs


def read_by_inspection(session: Session, root: str, paths: Iterable[str]) -> dict[str, bytes]:
    """Mount a system that was inspected as libguestfs' manual says, and read files of it: no code of ours is asked."""
    session.call("umount_all")
    for where, device in sorted(session.call("inspect_get_mountpoints", root).items()):
        session.call("mount_ro", device, where)
    return {path: session.call("read_file", path) for path in paths}


@pytest.mark.parametrize("name", [name for name in SPLIT if name not in PLAIN])
def test_a_system_in_several_file_systems_is_found_and_changed_where_it_belongs(
    layouts, customized: dict[str, Path], name: str
) -> None:
    with product(customized[name]) as image:
        assert mounts_of(image.layout) == layouts[name].mounts
        assert_phony(name, image.guest.facts)
        assert_agree(name, image.session, image.layout, image.guest.facts)
        assert read_by_inspection(image.session, image.layout.root, WRITTEN) == WRITTEN


def test_a_system_on_a_whole_disk_is_changed(customized: dict[str, Path], read_image) -> None:
    assert read_image(customized["whole-disk"], WRITTEN) == WRITTEN


def test_a_system_on_xfs_is_found_where_the_appliance_has_its_tools(layouts) -> None:
    for image in [layouts[name] for name in layouts if name == "xfs"]:
        with product(image.path) as there:
            assert mounts_of(there.layout) == image.mounts
            assert_phony("xfs", there.guest.facts)
            assert_agree("xfs", there.session, there.layout, there.guest.facts)


def test_a_real_debian_12_is_found(debian_12: Path) -> None:
    with product(debian_12) as image:
        facts = image.guest.facts

        assert mounts_of(image.layout) == {"/": "/dev/sda2"}
        assert (facts.distro, facts.version, facts.codename, facts.arch) == ("debian", "12", "bookworm", "x86_64")
        assert (facts.init, facts.network_stack, facts.boot_loader, facts.selinux) == (
            "systemd",
            "netplan",
            "grub",
            False,
        )
        assert_agree("debian-12", image.session, image.layout, facts)


def test_a_real_debian_13_is_found(debian_13: Path) -> None:
    with product(debian_13) as image:
        facts = image.guest.facts

        assert mounts_of(image.layout) == {"/": "/dev/sda1"}
        assert (facts.distro, facts.version, facts.codename, facts.arch) == ("debian", "13", "trixie", "x86_64")
        assert (facts.init, facts.network_stack, facts.boot_loader, facts.selinux) == (
            "systemd",
            "netplan",
            "grub",
            False,
        )
        assert_agree("debian-13", image.session, image.layout, facts)


# Encrypted.
def test_an_encrypted_system_is_opened_by_its_key(layouts, tmp_path: Path) -> None:
    ((device, passphrase),) = layouts["luks"].key.items()
    key = tmp_path / "key"
    key.write_text(f"{passphrase}\n")
    with product(layouts["luks"].path, keys=(f"{device}=file:{key}",)) as image:
        by_device = {filesystem.device: filesystem for filesystem in image.layout.filesystems}
        root = image.layout.mounts[0]

        assert sorted(mounts_of(image.layout)) == sorted(layouts["luks"].mounts)
        assert by_device[root.device].container == device
        assert by_device[root.device].answers_to(layouts["luks"].mounts["/"])
        assert_phony("luks", image.guest.facts)
        assert_agree("luks", image.session, image.layout, image.guest.facts)


def test_without_its_key_an_encrypted_system_is_none_and_the_error_says_how_to_open_it(layouts, bench: Bench) -> None:
    bench.lay(layouts["luks"].path)
    (device,) = layouts["luks"].key

    with pytest.raises(NoSystem) as none:
        bench.find()
    assert none.value.fix == f"open the encrypted ones: --key {device}=file:PATH"
    assert f"{device} (crypto_LUKS)" in none.value.why

    with pytest.raises(LuksKeyWrong) as wrong:
        bench.find({device: b"not this one"})
    assert wrong.value.device == device
    assert f"--key {device}=" in wrong.value.fix


def test_logical_volumes_in_an_encrypted_device_are_opened(layouts, bench: Bench) -> None:
    bench.lay(layouts["blank"].path)
    session = bench.session
    session.call("part_disk", "/dev/sda", "mbr")
    # As luks_format, but for the seconds that LUKS takes on purpose; the only partition may have another letter here.
    cheap = "--pbkdf pbkdf2 --pbkdf-force-iterations 1000"
    session.script(f"printf secret | cryptsetup luksFormat --batch-mode {cheap} /dev/sd?1 -")
    session.call("cryptsetup_open", "/dev/sda1", "secret", "made")
    session.call("pvcreate", "/dev/mapper/made")
    session.call("vgcreate", "inner", ["/dev/mapper/made"])
    for name in ("root", "var"):
        session.call("lvcreate", name, "inner", 40)
        session.call("mkfs", "ext4", f"/dev/inner/{name}")
    session.call("mount_vfs", "noatime", "ext4", "/dev/inner/root", "/")
    for directory in ("/etc", "/usr", "/var"):
        session.call("mkdir", directory)
    session.call("write", "/etc/os-release", b"ID=debian\n")
    session.call("write", "/etc/fstab", b"/dev/mapper/inner-root / ext4\n/dev/mapper/inner-var /var ext4\n")
    bench.clear()

    assert mounts_of(bench.find({"/dev/sda1": b"secret"}).layout) == {"/": "/dev/inner/root", "/var": "/dev/inner/var"}


# Refused, with what is there.
def test_several_systems_are_both_named(layouts, bench: Bench) -> None:
    bench.lay(layouts["two-systems"].path)

    with pytest.raises(SeveralSystems) as several:
        bench.find()
    assert several.value.roots == ("/dev/sda1", "/dev/sda2")
    assert sorted(bench.session.call("inspect_os", deadline=600)) == ["/dev/sda1", "/dev/sda2"]


@pytest.mark.parametrize(("name", "there"), [("no-system", "/dev/sda1 (ext4)"), ("blank", "/dev/sda (unknown)")])
def test_where_there_is_no_system_the_error_says_what_is_there(layouts, bench: Bench, name: str, there: str) -> None:
    bench.lay(layouts[name].path)

    with pytest.raises(NoSystem) as none:
        bench.find()
    assert none.value.why == f"it has {there}"


def test_a_hibernated_system_is_refused(layouts, bench: Bench) -> None:
    bench.lay(layouts["hibernated"].path)

    with pytest.raises(Hibernated, match="/dev/sda2 holds its memory"):
        bench.find()


def test_an_unclean_file_system_is_refused_and_left_as_it_was(layouts, bench: Bench) -> None:
    bench.lay(layouts["unclean"].path)

    with pytest.raises(UncleanFilesystem, match="the ext4 file system on /dev/sda1"):
        bench.find()
    assert is_unclean(bench.session, "/dev/sda1", "ext4")


def test_a_file_system_is_unclean_while_it_is_in_use_and_clean_again_after(layouts, bench: Bench) -> None:
    bench.lay(layouts["blank"].path)
    session = bench.session
    session.call("part_disk", "/dev/sda", "mbr")
    unclean = {}
    for kind in ("ext2", "ext3", "ext4", "btrfs"):
        session.call("mkfs", kind, "/dev/sda1")
        session.call("mount_vfs", "noatime", kind, "/dev/sda1", "/")
        session.script("echo x > /sysroot/x; sync; echo y >> /sysroot/x; sync /sysroot/x")
        in_use = is_unclean(session, "/dev/sda1", kind)
        session.call("umount_all")
        unclean[kind] = (in_use, is_unclean(session, "/dev/sda1", kind))

    assert unclean == dict.fromkeys(unclean, (True, False))


def test_a_snapshot_of_a_system_in_a_subvolume_is_no_second_system(layouts, bench: Bench) -> None:
    bench.lay(layouts["blank"].path)
    session = bench.session
    session.call("part_disk", "/dev/sda", "mbr")
    session.call("mkfs", "btrfs", "/dev/sda1", label="pool")
    session.call("mount_vfs", "noatime", "btrfs", "/dev/sda1", "/")
    session.call("btrfs_subvolume_create", "/@")
    for directory in ("/@/etc", "/@/usr", "/@/machines"):
        session.call("mkdir", directory)
    session.call("write", "/@/etc/os-release", b"ID=debian\n")
    session.call("write", "/@/etc/fstab", b"LABEL=pool / btrfs subvol=/@ 0 0\n")
    for copy in ("/@before", "/@/machines"):
        session.call("btrfs_subvolume_snapshot", "/@", copy)
    listed = {
        each["btrfssubvolume_path"]: each["btrfssubvolume_id"] for each in session.call("btrfs_subvolume_list", "/")
    }
    by_name = bench.find().layout
    session.call("umount_all")
    session.call("mount_vfs", "noatime", "btrfs", "/dev/sda1", "/")
    session.call("btrfs_subvolume_set_default", listed["@"], "/")
    by_default = bench.find().layout

    assert sorted(listed) == ["@", "@/machines/@", "@before"]
    assert (by_name.root, by_default.root) == ("btrfsvol:/dev/sda1/@", "/dev/sda1")


# Systems that are odd, and systems that mean harm: a root and a /boot, labelled so.
class Odd:
    """A system on the bench, to be spoilt."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.session = bench.session
        self.find = bench.find

    @contextlib.contextmanager
    def spoiling(self) -> Iterator[Session]:
        """Have the root mounted to be written to."""
        self.session.call("umount_all")
        self.session.call("mount_vfs", "noatime", "ext4", "/dev/sda2", "/")
        yield self.session
        self.session.call("umount_all")

    def write(self, path: str, content: bytes) -> None:
        with self.spoiling() as session:
            session.call("write", path, content)

    def targets(self) -> list[str]:
        """Return where anything is mounted in the appliance, as the kernel writes it."""
        return self.session.script("cut -d' ' -f2 /proc/mounts").splitlines()


@pytest.fixture
def odd(layouts, bench: Bench) -> Odd:
    bench.lay(layouts["by-label"].path)
    return Odd(bench)


def test_a_system_without_fstab_and_with_its_name_in_usr_is_found(odd: Odd) -> None:
    with odd.spoiling() as session:
        for path in ("/etc/os-release", "/etc/fstab"):
            session.call("rm", path)

    assert mounts_of(odd.find().layout) == {"/": "/dev/sda2"}
    assert odd.bench.guest.facts.distro == "debian"


def test_a_label_may_hold_what_is_no_plain_word(odd: Odd) -> None:
    found = {}
    for label in ("Données du site", "a b\\c`$HOME", "だいじ"):
        escaped = label.replace("\\", "\\134").replace(" ", "\\040")
        odd.write("/etc/fstab", f"LABEL={escaped} /boot ext4 defaults 0 0\n".encode())
        odd.session.call("set_label", "/dev/sda1", label)
        found[label] = mounts_of(odd.find().layout)

    assert found == {label: {"/": "/dev/sda2", "/boot": "/dev/sda1"} for label in found}


def test_what_the_system_can_be_without_may_be_missing(odd: Odd) -> None:
    found = {}
    for line in ("/var ext4 nofail", "/srv/data ext4 defaults", "/boot ext4 nofail,noatime"):
        odd.write("/etc/fstab", f"UUID=beef {line} 0 0\n".encode())
        found[line] = mounts_of(odd.find().layout)

    assert found == {line: {"/": "/dev/sda2"} for line in found}


def test_what_the_system_cannot_be_without_must_be_there(odd: Odd) -> None:
    for where in ("/var", "/usr", "/boot"):
        odd.write("/etc/fstab", f"LABEL=\x1b[31mx {where} ext4 defaults 0 0\n".encode())

        with pytest.raises(MissingFilesystem, match=rf"mounts LABEL=\[31mx on {where}, and no"):
            odd.find()


def test_nothing_is_mounted_outside_of_the_guest(odd: Odd) -> None:
    lines = [
        *("/../../tmp", "//", "/proc", "/dev/pts", "/run/x", "/evil", "/in/../evil/x", "/round", "/nothing"),
        *(r"/my\040disk", "/\x1b[31m", r"/a\000b", "/./srv//", "relative", "/etc/hostname", "/sysroot"),
    ]
    fstab = "".join(f"LABEL=boot {where} ext4 defaults 0 0\n" for where in lines)
    with odd.spoiling() as session:
        for link, target in {"/evil": "/root", "/in": "/proc", "/round": "/round", "/sysroot": "/"}.items():
            session.call("ln_s", target, link)
        for directory in ("/my disk", "/srv", "/escape"):
            session.call("mkdir", directory)
        session.call("write", "/etc/fstab", (fstab + "LABEL=\x07 /srv ext4\n/dev/\x1b]0; /srv ext4\n").encode())
    before = odd.targets()
    mounted = odd.find()
    guests = ["/sysroot", r"/sysroot/my\040disk", "/sysroot/root", "/sysroot/srv", "/sysroot/tmp"]

    assert sorted(mounts_of(mounted.layout)) == ["/", "/my disk", "/root", "/srv", "/tmp"]
    assert sorted(odd.targets()) == sorted([*before, *guests])
    assert all(note.isprintable() for note in mounted.left_out)
    assert odd.bench.guest.facts.distro == "debian"


def test_an_etc_that_is_a_link_leads_nowhere_outside_of_the_guest(odd: Odd) -> None:
    with odd.spoiling() as session:
        session.call("mv", "/etc", "/real")
    found = {}
    for target in ("/real", "/sysroot/real", "/proc/1/root/etc", "../../../../etc"):
        with odd.spoiling() as session:
            session.call("rm_f", "/etc")
            session.call("ln_s", target, "/etc")
        found[target] = (sorted(mounts_of(odd.find().layout)), odd.bench.guest.facts.hostname)

    assert found.pop("/real") == (["/", "/boot"], "by-label")
    assert found == dict.fromkeys(found, (["/"], ""))


def test_an_fstab_that_never_ends_is_not_waited_for(odd: Odd) -> None:
    with odd.spoiling() as session:
        session.call("rm", "/etc/fstab")
        session.call("mkfifo", 0o644, "/etc/fstab")
        session.call("ln_sf", "/etc/crypttab", "/etc/crypttab")

    assert mounts_of(odd.find().layout) == {"/": "/dev/sda2"}


def test_a_long_fstab_is_no_burden_unless_it_mounts_too_much(odd: Odd) -> None:
    useless = "".join(f"LABEL=none-{number} /m/{number} ext4 defaults 0 0\n" for number in range(10_000))
    odd.write("/etc/fstab", f"LABEL=boot /boot ext4\n{useless}".encode())
    with odd.spoiling() as session:
        session.script(
            "yes '# padding of sixty-four bytes, more or less, to make it long' | head -c 5000000 >> /sysroot/etc/fstab"
        )

    assert mounts_of(odd.find().layout) == {"/": "/dev/sda2", "/boot": "/dev/sda1"}

    odd.write("/etc/fstab", useless.replace("LABEL=none-", "LABEL=boot /n/").encode())
    with pytest.raises(TooManyMounts):
        odd.find()


def test_a_long_os_release_full_of_escapes_is_read_as_plain_text(odd: Odd) -> None:
    junk = b"\x1b[2J\0\xff\x9b" * 1000
    with odd.spoiling() as session:
        session.call("rm", "/etc/os-release")
        session.call("write", "/etc/os-release", b'ID=debian\nPRETTY_NAME="a\x1b[31mb\0c"\n' + junk * 150)
    odd.find()
    facts = odd.bench.guest.facts

    assert (facts.distro, facts.name) == ("debian", "a[31mbc")


def test_what_is_left_unmounted_is_told_and_does_not_hinder(layouts, tmp_path: Path) -> None:
    """The whole way of ``inspect``, with an image whose fstab names a directory that is not there."""
    events: list[Event] = []
    image = tmp_path / "odd.img"
    text = layouts["by-label"].fstab[0]
    spoilt = text.replace(" /boot ext4", " /booo ext4")
    image.write_bytes(layouts["by-label"].path.read_bytes().replace(text.encode(), spoilt.encode()))
    found = imagekit.inspect(image, on_event=events.append)

    assert [f.mountpoint for f in found.filesystems] == [None, "/"]
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.text == "/dev/sda1 is not mounted on /booo: the guest has no such directory"
