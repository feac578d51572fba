"""Images with the real qemu-img: what it makes is accepted, what is hostile or damaged is refused, and nothing leaks."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from imagekit.images import errors
from imagekit.images.flatten import flatten
from imagekit.images.info import inspect_image
from imagekit.images.overlay import create_overlay
from imagekit.images.publish import check_output, publish, publish_in_place, write_receipt_file
from imagekit.images.safety import ImageLimits
from imagekit.images.workspace import Workspace

MIB = 1 << 20
IN_OPEN = 0x20


def qemu(*words):
    subprocess.run([shutil.which(words[0]), *map(str, words[1:])], check=True, capture_output=True, timeout=60)


def disk(path, format_name="qcow2", *, size=8 * MIB, options=(), data=True):
    """Make a disk, with two stretches of random bytes in it."""
    qemu("qemu-img", "create", "-q", "-f", format_name, *options, path, size)
    if data:
        fill(path, format_name)
    return path


def fill(path, format_name="qcow2", *, pattern=0xA5, where="1M", size="192k"):
    qemu("qemu-io", "-f", format_name, "-c", f"write -P {pattern} {where} {size}", path)


def content(path, format_name="qcow2"):
    """Return the bytes of the disk."""
    raw = path.with_name(f"{path.name}.dump")
    qemu("qemu-img", "convert", "-f", format_name, "-O", "raw", path, raw)
    found = raw.read_bytes()
    raw.unlink()
    return found


class Watch:
    """Count the opens of a file by any process, with inotify(7)."""

    def __init__(self, path: Path) -> None:
        libc = ctypes.CDLL(None)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK)
        libc.inotify_add_watch(self.descriptor, os.fsencode(path), IN_OPEN)

    def opened(self) -> bool:
        try:
            return bool(os.read(self.descriptor, 4096))
        except BlockingIOError:
            return False
        finally:
            os.close(self.descriptor)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-o", "compat=0.10"],
        ["-o", "compat=0.10,cluster_size=512"],
        ["-o", "cluster_size=2M"],
        ["-o", "lazy_refcounts=on"],
        ["-o", "refcount_bits=1"],
        ["-o", "refcount_bits=64"],
        ["-o", "extended_l2=on,cluster_size=128k"],
        ["-o", "compression_type=zstd"],
        ["-o", "preallocation=metadata"],
        ["-o", "preallocation=full"],
    ],
    ids=" ".join,
)
def test_whatever_qcow2_qemu_makes_is_accepted(tmp_path, options):
    image = disk(tmp_path / "image", options=options)

    found = inspect_image(image)

    assert (found.format, found.virtual_size, found.snapshots) == ("qcow2", 8 * MIB, 0)
    assert found.file_size == image.stat().st_size


def test_a_large_empty_disk_is_accepted_and_one_over_the_limit_is_not(tmp_path):
    image = disk(tmp_path / "image", size=1 << 40, data=False)

    assert inspect_image(image).virtual_size == 1 << 40
    with pytest.raises(errors.ImageTooLarge):
        inspect_image(image, limits=ImageLimits(virtual_size=(1 << 40) - 1))


def test_internal_snapshots_are_counted(tmp_path):
    image = disk(tmp_path / "image")
    for name in ("one", "two"):
        qemu("qemu-img", "snapshot", "-c", name, image)

    assert inspect_image(image).snapshots == 2


def test_a_raw_disk_with_a_qcow2_inside_is_what_the_caller_says(tmp_path):
    image = disk(tmp_path / "image", data=False, size=512)
    os.truncate(image, 4 * 65536)

    assert inspect_image(image).virtual_size == 512
    assert inspect_image(image, format="raw").virtual_size == 4 * 65536


@pytest.mark.parametrize(
    ("format_name", "options", "said"),
    [
        ("vmdk", [], "VMDK"),
        ("vmdk", ["-o", "subformat=monolithicFlat"], "VMDK"),
        ("vmdk", ["-o", "subformat=streamOptimized"], "VMDK"),
        ("vpc", [], "VHD"),
        ("vpc", ["-o", "subformat=fixed"], "VHD"),
        ("vhdx", [], "VHDX"),
        ("vdi", [], "VDI"),
        ("qed", [], "QED"),
        ("parallels", [], "Parallels"),
        ("qcow", [], "qcow version 1"),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path, format_name, options, said):
    image = disk(tmp_path / "image", format_name, options=options, data=False)

    with pytest.raises(errors.FormatUnsupported) as caught:
        inspect_image(image)

    assert caught.value.format_name == said


@pytest.mark.parametrize("where", [1 * MIB, 300_000, 200_000, 70_000, 600])
def test_a_truncated_image_is_refused(tmp_path, where):
    image = disk(tmp_path / "image", size=64 * MIB)
    fill(image, where="40M", size="4M")
    os.truncate(image, where)

    with pytest.raises((errors.ImageTruncated, errors.ImageCorrupt, errors.HeaderInvalid)):
        inspect_image(image)


def test_an_encrypted_image_is_refused(tmp_path):
    image = tmp_path / "image"
    secret = [
        "--object",
        "secret,id=s,data=secret",
        "-o",
        "encrypt.format=aes,encrypt.key-secret=s",
    ]
    qemu("qemu-img", "create", "-q", *secret, "-f", "qcow2", image, 8 * MIB)

    with pytest.raises(errors.ImageEncrypted):
        inspect_image(image)


@pytest.mark.parametrize("compat", ["0.10", "1.1"])
@pytest.mark.parametrize("name", ["secret", "{folder}/secret", "json:{{}}", "nbd:unix:{folder}/secret"])
def test_no_tool_opens_a_backing_file_that_was_not_allowed(tmp_path, compat, name):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(512))
    backing = name.format(folder=tmp_path)
    image = tmp_path / "image"
    options = ["-o", f"compat={compat}", "-u", "-F", "raw", "-b", backing]
    qemu("qemu-img", "create", "-q", "-f", "qcow2", *options, image, MIB)
    watch = Watch(secret)

    with pytest.raises(errors.BackingFileRefused):
        inspect_image(image)

    assert not watch.opened()


def test_no_tool_opens_an_external_data_file(tmp_path):
    image = disk(tmp_path / "image", options=["-o", f"data_file={tmp_path}/data"], data=False)
    watch = Watch(tmp_path / "data")

    with pytest.raises(errors.DataFileRefused):
        inspect_image(image)

    assert not watch.opened()


def test_no_tool_opens_what_a_flat_vmdk_names(tmp_path):
    image = disk(tmp_path / "image.vmdk", "vmdk", options=["-o", "subformat=monolithicFlat"], data=False)
    watch = Watch(tmp_path / "image-flat.vmdk")

    with pytest.raises(errors.FormatUnsupported):
        inspect_image(image)

    assert not watch.opened()


def test_the_watch_of_these_tests_does_see_an_open(tmp_path):
    (tmp_path / "file").touch()
    watch = Watch(tmp_path / "file")
    (tmp_path / "file").read_bytes()

    assert watch.opened()


def test_an_allowed_chain_is_accepted_with_all_its_files(tmp_path):
    base = disk(tmp_path / "base.img", "raw")
    middle, top = tmp_path / "middle", tmp_path / "top"
    qemu("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", "base.img", middle)
    qemu("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", middle, top)

    found = inspect_image(top, allow_backing=[tmp_path])

    assert found.backing == (middle, base)


def test_a_dirty_image_is_refused_and_its_fix_mends_it(tmp_path):
    image = disk(tmp_path / "image", options=["-o", "lazy_refcounts=on"])
    crash(image, "write -P 1 4M 64k")

    with pytest.raises(errors.LeftDirty) as caught:
        inspect_image(image)

    mend(caught.value.fix, image)
    assert inspect_image(image).virtual_size == 8 * MIB


def test_leaks_of_a_crash_are_only_counted(tmp_path):
    image = disk(tmp_path / "image", options=["-o", "lazy_refcounts=off"])
    leak_a_cluster(image)

    assert inspect_image(image).leaked_clusters == 1


def test_a_damaged_table_is_refused_and_its_fix_mends_it(tmp_path):
    image = disk(tmp_path / "image")
    forget_the_last_cluster(image)

    with pytest.raises(errors.ImageCorrupt) as caught:
        inspect_image(image)

    mend(caught.value.fix.partition("you may try: ")[2], image)
    assert inspect_image(image).leaked_clusters == 0


def crash(image, command):
    """Write without closing the file: qemu-io aborts on its own command."""
    subprocess.run(
        [shutil.which("qemu-io"), "-f", "qcow2", "-c", command, "-c", "abort", image],
        check=False,
        capture_output=True,
        timeout=60,
    )


def mend(fix, image):
    """Run the command that an error proposes."""
    command = fix[fix.index("qemu-img") :].split()
    assert command[-1] == str(image)
    qemu(*command)


def field(image, offset):
    with image.open("rb") as opened:
        return struct.unpack(">Q", os.pread(opened.fileno(), 8, offset))[0]


def put(image, offset, layout, value):
    with image.open("rb+") as opened:
        os.pwrite(opened.fileno(), struct.pack(layout, value), offset)


def leak_a_cluster(image):
    """Count one more cluster as used, beyond the last."""
    block = field(image, field(image, 48))
    clusters = -(-image.stat().st_size // 65536)
    put(image, block + 2 * clusters, ">H", 1)
    os.truncate(image, (clusters + 1) * 65536)


def forget_the_last_cluster(image):
    """Count the last cluster as free, though the disk uses it."""
    block = field(image, field(image, 48))
    put(image, block + 2 * (-(-image.stat().st_size // 65536) - 1), ">H", 0)


def test_an_image_that_a_machine_writes_to_is_in_use(tmp_path):
    for format_name in ("qcow2", "raw"):
        image = disk(tmp_path / f"image.{format_name}", format_name)
        argv = [shutil.which("qemu-io"), "-f", format_name, image]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
            writer.stdin.write(b"read 0 512\n")
            writer.stdin.flush()
            writer.stdout.readline()

            with pytest.raises(errors.ImageInUse):
                inspect_image(image)
            writer.stdin.close()

        assert inspect_image(image).format == format_name


def test_a_bomb_of_tables_is_refused_at_once(tmp_path):
    image = disk(tmp_path / "image", data=False)
    put(image, 24, ">Q", 1 << 60)
    put(image, 36, ">I", (1 << 60) >> 29)

    with pytest.raises(errors.HeaderInvalid, match="L1 table"):
        inspect_image(image)


def test_damage_anywhere_in_the_metadata_is_an_error_of_ours_or_harmless(tmp_path):
    sound = disk(tmp_path / "sound", size=2 * MIB, options=["-o", "cluster_size=512"])
    original = sound.read_bytes()
    chance = random.Random(20)

    outcomes = set()
    for number in range(40):
        damaged = bytearray(original)
        for _ in range(4):
            damaged[chance.randrange(4, 8192)] = chance.randrange(256)
        image = tmp_path / f"damaged{number}"
        image.write_bytes(damaged)
        try:
            outcomes.add(type(inspect_image(image, limits=ImageLimits(virtual_size=2 * MIB))))
        except errors.ImageError as refused:
            outcomes.add(type(refused))

    assert errors.ImageCorrupt in outcomes


NAMES = ["json:{}", "nbd:x", "a,b=c", "file:x", "-x", "%s%n", "two words", "ü", "quote'\"", "new\nline", "fd:3", "a:b"]


@pytest.mark.parametrize("format_name", ["qcow2", "raw"])
@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_base_is_taken_for_anything_but_a_file(tmp_path, monkeypatch, name, format_name):
    monkeypatch.chdir(tmp_path)
    disk(tmp_path / "plain", format_name)
    (tmp_path / "plain").rename(tmp_path / name)
    base = inspect_image(Path(name))
    overlay, out = tmp_path / f"{name}.overlay", tmp_path / f"{name}.out"

    create_overlay(base, Path(overlay.name))
    flatten(Path(overlay.name), Path(out.name))

    assert inspect_image(overlay, allow_backing=[base.path]).backing == (tmp_path / name,)
    shutil.copy(tmp_path / name, tmp_path / "copy")
    shutil.copy(out, tmp_path / "copy-of-out")
    assert content(tmp_path / "copy-of-out") == content(tmp_path / "copy", format_name)


@pytest.fixture
def base(tmp_path):
    return inspect_image(disk(tmp_path / "base.qcow2"))


def written_overlay(base, path, *, size=None):
    create_overlay(base, path, size=size)
    fill(path, pattern=0x11, where="2M", size="64k")
    return path


@pytest.mark.parametrize(
    ("format_name", "compression"), [("qcow2", "none"), ("qcow2", "zstd"), ("qcow2", "zlib"), ("raw", "none")]
)
def test_what_is_flattened_shows_the_same_disk_alone(tmp_path, base, format_name, compression):
    digest = base.digest()
    overlay = written_overlay(base, tmp_path / "overlay")
    seen = []

    flatten(overlay, tmp_path / "flat", format=format_name, compression=compression, on_progress=seen.append)

    flat = inspect_image(tmp_path / "flat")
    assert (flat.format, flat.backing, flat.virtual_size) == (format_name, (), 8 * MIB)
    assert content(tmp_path / "flat", format_name) == content(overlay)
    assert seen[-1] == 1.0
    assert base.digest() == digest


def test_what_was_overwritten_is_not_in_the_bytes_of_a_flattened_image(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"a private key " * 8192)
    image = disk(tmp_path / "base", data=False)
    qemu("qemu-io", "-f", "qcow2", "-c", f"write -s {secret} 1M 64k", image)
    base = inspect_image(image)
    overlay = tmp_path / "overlay"
    create_overlay(base, overlay)
    qemu("qemu-io", "-f", "qcow2", "-c", f"write -s {secret} 2M 64k", "-c", "write -z -u 1M 64k", overlay)
    qemu("qemu-io", "-f", "qcow2", "-c", "write -z 2M 64k", overlay)

    flatten(overlay, tmp_path / "flat")

    assert b"a private key" in image.read_bytes()
    assert b"a private key" not in (tmp_path / "flat").read_bytes()


def test_a_grown_overlay_makes_a_grown_image(tmp_path, base):
    overlay = written_overlay(base, tmp_path / "overlay", size=16 * MIB)

    flatten(overlay, tmp_path / "flat", format="raw")

    assert inspect_image(tmp_path / "flat", format="raw").virtual_size == 16 * MIB


def test_a_raw_target_keeps_its_holes(tmp_path, base):
    flatten(written_overlay(base, tmp_path / "overlay"), tmp_path / "flat", format="raw")

    assert inspect_image(tmp_path / "flat").actual_size <= MIB


def test_a_thin_image_keeps_its_base_and_holds_only_what_differs(tmp_path, base):
    overlay = written_overlay(base, tmp_path / "overlay")

    flatten(overlay, tmp_path / "thin", thin_over=base)

    thin = inspect_image(tmp_path / "thin", allow_backing=[base.path])
    assert thin.backing == (base.path,)
    assert thin.actual_size < base.actual_size + 256 * 1024
    assert content(tmp_path / "thin") == content(overlay)


def test_a_thin_image_hides_what_was_zeroed_above_its_base(tmp_path, base):
    overlay = written_overlay(base, tmp_path / "overlay")
    qemu("qemu-io", "-f", "qcow2", "-c", "write -z -u 1M 192k", overlay)

    flatten(overlay, tmp_path / "thin", thin_over=base)

    assert content(tmp_path / "thin")[MIB : MIB + 192 * 1024] == bytes(192 * 1024)


def test_a_guest_that_writes_a_qcow2_header_into_a_raw_base_is_still_read_as_raw(tmp_path):
    """CVE-2010-3851, CVE-2026-24708: a format that is looked up again after guest code ran."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * 65536)
    forged = tmp_path / "forged"
    qemu("qemu-img", "create", "-q", "-f", "qcow2", "-u", "-F", "raw", "-b", secret, forged, MIB)
    base = inspect_image(disk(tmp_path / "base.img", "raw"))
    overlay = written_overlay(base, tmp_path / "overlay")
    header = tmp_path / "header"
    header.write_bytes(forged.read_bytes()[:65536].ljust(65536, b"\0"))
    qemu("qemu-io", "-f", "qcow2", "-c", f"write -s {header} 0 64k", overlay)
    watch = Watch(secret)

    flatten(overlay, tmp_path / "flat", format="raw")

    assert (tmp_path / "flat").read_bytes()[:65536] == header.read_bytes()
    assert not watch.opened()


FULL = """
import subprocess, sys
from pathlib import Path
from imagekit.hostdisk import HostDiskFull
from imagekit.images.flatten import flatten

overlay, small, compression = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small], check=True)
(small / "ballast").write_bytes(bytes(4 << 20))
try:
    flatten(overlay, small / "flat", compression=compression)
except HostDiskFull as full:
    print(full.free <= 4 << 20, [path.name for path in small.iterdir()])
"""


@pytest.mark.parametrize("compression", ["none", "zlib"])
def test_a_host_disk_that_is_full_is_told_and_left_clean(tmp_path, base, compression):
    """Uncompressed it is known beforehand, compressed only when qemu-img runs out of room."""
    overlay, small, noise = (tmp_path / name for name in ("overlay", "small", "noise"))
    create_overlay(base, overlay)
    noise.write_bytes(random.Random(1).randbytes(6 * MIB))
    qemu("qemu-io", "-f", "qcow2", "-c", f"write -s {noise} 0 6M", overlay)
    small.mkdir()
    namespace = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]

    done = subprocess.run(
        [*namespace, sys.executable, "-c", FULL, overlay, small, compression],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout == "True ['ballast']\n"


def test_the_whole_way_leaves_an_image_its_receipt_and_nothing_else(tmp_path, base):
    out = tmp_path / "results" / "out.qcow2"
    out.parent.mkdir()
    check_output(out, base)
    with Workspace.beside(out) as work:
        overlay = written_overlay(base, work.path / "overlay")
        flatten(overlay, work.path / "flat")
        expected = content(overlay)
        publish(work.path / "flat", out)
        write_receipt_file("{}", out.with_name("out.qcow2.receipt.json"), workspace=work.path)

    assert sorted(path.name for path in out.parent.iterdir()) == ["out.qcow2", "out.qcow2.receipt.json"]
    assert content(out) == expected


def test_a_base_is_replaced_in_place_by_the_flattened_image(tmp_path, base):
    with Workspace.beside(base.path) as work:
        overlay = written_overlay(base, work.path / "overlay")
        expected = content(overlay)
        flatten(overlay, work.path / "flat")
        publish_in_place(work.path / "flat", base)

    assert content(base.path) == expected
    assert inspect_image(base.path).backing == ()
