from __future__ import annotations

from pathlib import Path

from imagekit.engine.inspecting import FilesystemFacts, Inspection
from imagekit.guest.facts import Facts
from imagekit.images.info import ImageInfo
from imagekit_cli.render.inspection import inspection_lines

IMAGE = ImageInfo(
    path=Path("/srv/base.qcow2"),
    format="qcow2",
    compat="1.1",
    virtual_size=2 << 30,
    file_size=1,
    actual_size=1 << 20,
    device=1,
    inode=1,
    mtime_ns=1,
)
GUEST = Facts(distro="debian", family="debian", version="12", codename="bookworm", name="Debian 12", kernels=("6.1",))


def texts(found: Inspection) -> list[str]:
    return [line.text for line in inspection_lines(found)]


def test_image_guest_and_file_systems_are_told() -> None:
    filesystem = FilesystemFacts(device="/dev/sda1", type="ext4", uuid="u-u", label="root", mountpoint="/")
    swap = FilesystemFacts(device="/dev/sda2", type="swap")

    lines = texts(Inspection(image=IMAGE, guest=GUEST, filesystems=(filesystem, swap)))

    assert lines[0] == "/srv/base.qcow2"
    assert "  format  qcow2 1.1" in lines
    assert "  disk    2.0 GiB" in lines
    assert "  distro       debian 12 bookworm, family debian" in lines
    assert lines[-2:] == ["  /  /dev/sda1  ext4  u-u  root", "  -  /dev/sda2  swap"]


def test_what_a_copy_loses_or_builds_on_is_told_only_where_there_is_some() -> None:
    image = IMAGE.model_copy(update={"backing": (Path("/srv/a"),), "snapshots": 2, "leaked_clusters": 1})

    lines = texts(Inspection(image=image, guest=GUEST, filesystems=()))

    assert "  builds on  /srv/a" in lines
    assert "  snapshots  2, which a copy does not have" in lines
    assert "  leaks      1 cluster that nothing uses; harmless" in lines
    assert not any("builds on" in line for line in texts(Inspection(image=IMAGE, guest=GUEST, filesystems=())))
