"""What a resumed appliance must be told before anything else: the time, new randomness, and its disks."""

from __future__ import annotations

import time

from imagekit.appliance import reseed

# The machine slept with blank disks of another size in the place of these; nothing of them may be remembered.
# Its own root is a disk too, and is left alone.
_ROOT = "/run/imagekit-root"
_DISKS = f"""\
read -r root <{_ROOT}
for disk in /sys/block/sd*; do
    read -r number <"$disk/dev"
    [ "$number" = "$root" ] && continue
    echo 1 >"$disk/device/rescan"
    blockdev --flushbufs --rereadpt "/dev/${{disk##*/}}" || :
done
udevadm settle
"""


def sleep_script(code: bytes) -> str:
    """Return the shell script that prepares a machine for its sleep: what need not be found out at each awakening.

    Args:
        code: the program that ``reseed.program`` returned.
    """
    return f"set -e\n{reseed.place(code)}mountpoint -d / >{_ROOT}\n"


def wake_script() -> str:
    """Return the shell script; it fails unless the clock was set and the random numbers are new.

    A program that the appliance starts costs 40 ms by emulation, so what the shell can do is left to it.
    """
    return f"set -e\ndate -s @{time.time():.3f} >/dev/null\n{reseed.reseed()}{_DISKS}"
