"""Fill an image with incompressible files: runs under the interpreter that owns the guestfs binding.

Usage: python3 fill_part.py IMAGE.qcow2 RANDOM COUNT. The image's disk has grown already; its last partition takes the
new room, and COUNT copies of the file RANDOM are put into it. ``fixtures`` must be on Python's path.
"""

from __future__ import annotations

import sys

from disk_part import launch


def fill(image: str, random: str, count: int) -> None:
    """Grow the last partition and its file system to the disk's end, and copy the second drive into so many files."""
    g = launch([(image, "qcow2"), (random, "raw")])
    root = str([device for device in g.list_partitions() if device.startswith("/dev/sda")][-1])
    if g.part_get_parttype("/dev/sda") == "gpt":
        g.part_expand_gpt("/dev/sda")
    g.part_resize("/dev/sda", g.part_to_partnum(root), -34)  # GPT keeps its second header in the last 33 sectors
    g.e2fsck(root, correct=True)
    g.resize2fs(root)
    g.mount(root, "/")
    g.mkdir_p("/srv/fill")
    for number in range(count):
        g.copy_device_to_file("/dev/sdb", f"/srv/fill/{number:03}")
    g.umount_all()
    g.shutdown()
    g.close()


if __name__ == "__main__":
    fill(sys.argv[1], sys.argv[2], int(sys.argv[3]))
