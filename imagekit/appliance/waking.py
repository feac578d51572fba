"""What a resumed appliance must be told before anything else: the time, new randomness, and its disks."""

from __future__ import annotations

import time

from imagekit.appliance import reseed

# The machine slept with blank disks of another size in the place of these; nothing of them may be remembered.
# Its own root is a disk too, and is left alone.
_DISKS = """\
root=$(mountpoint -d /)
for disk in /sys/block/sd*; do
    read -r number <"$disk/dev"
    [ "$number" = "$root" ] && continue
    echo 1 >"$disk/device/rescan"
    blockdev --flushbufs --rereadpt "/dev/${disk##*/}" || :
done
udevadm settle
"""


def wake_script() -> str:
    """Return the shell script; it fails unless the clock was set and the random numbers are new."""
    return f"set -e\ndate -s @{time.time():.3f} >/dev/null\n{reseed.reseed()}{_DISKS}"
