"""What blkid(8) says of block devices: of all at once, by one script, and how it writes names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SURVEY = r"""
while read -r _ _ dev _ at _; do [ "$at" != / ] || root=$dev; done < /proc/self/mountinfo
set --
for disk in /sys/block/[hsv]d*; do
    read -r dev < "$disk/dev" && [ "$dev" != "$root" ] || continue
    name=${disk##*/} whole=yes
    echo "disk $name 0"
    for part in "$disk/$name"*; do
        read -r number < "$part/partition" || continue
        echo "part ${part##*/} $number"
        whole=
        set -- "$@" "/dev/${part##*/}"
    done
    [ -z "$whole" ] || set -- "$@" "/dev/$name"
done 2>/dev/null
echo
[ $# = 0 ] || blkid -p -o export "$@" 2>/dev/null
true
"""
"""Prints the disks and partitions that are not the appliance's own, then what blkid finds on them.

One program runs where guestfs(3)'s ``list_devices``, ``list_partitions`` and a ``blkid`` for each run a dozen. All the
rest is the shell's own; a partition has a file ``partition`` in its folder (Linux, Documentation/ABI/stable/sysfs-block).
"""


def parse_survey(answer: str) -> dict[str, Mapping[str, str]] | None:
    """Return the tags of each partition, or of the disk that has none, by guestfs(3)'s name; {} for an unknown one.

    None if this script cannot tell: with other than one disk the names of guestfs need not be the kernel's, and a disk
    with a table but no partitions may not be looked through yet.
    """
    listed, _, said = answer.partition("\n\n")
    lines = [line.split() for line in listed.split("\n") if line]
    disks = [name for what, name, _ in lines if what == "disk"]
    if len(disks) != 1:
        return None
    partitions = sorted((int(number), name) for what, name, number in lines if what == "part")
    tags = parse_export(said)
    if partitions:
        return {f"/dev/sda{number}": tags.get(f"/dev/{name}", {}) for number, name in partitions}
    whole = tags.get(f"/dev/{disks[0]}", {})
    return None if "PTTYPE" in whole else {"/dev/sda": whole}


def parse_export(text: str) -> dict[str, Mapping[str, str]]:
    """Return device -> tags of what ``blkid -o export`` prints: lines of KEY=value, a blank line between devices."""
    blocks = (dict(line.partition("=")[::2] for line in block.splitlines()) for block in text.split("\n\n"))
    return {tags["DEVNAME"]: tags for tags in blocks if "DEVNAME" in tags}


def unescaped(value: str) -> str:
    r"""Undo what blkid(8) does to names in its export format, which guestfs passes on; control characters stay so.

    Blanks and quotes get a backslash, a byte above 127 becomes ``M-`` and the byte less 128, and what is then a
    control character becomes ``^`` and a letter (util-linux, misc-utils/blkid.c, print_value).
    """

    def byte(match: re.Match[bytes]) -> bytes:
        if match[1] is not None:
            return match[1]
        return bytes([(match[3][0] ^ 0x40 if match[2] == b"^" else match[3][0]) | 0x80])

    plain = re.sub(rb"\\(.)", rb"\1", value.encode())
    try:
        text = re.sub(rb"\\(.)|M-(\^|\\)?(.)", byte, value.encode(), flags=re.DOTALL).decode()
    except UnicodeDecodeError:
        return plain.decode()
    return text if text.isprintable() else plain.decode()
