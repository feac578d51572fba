"""Names under which a guest uses storage, and what it remembers of disks that a clone does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.identity.holds import something
from imagekit.identity.makers import NOT_NEEDED, Maker
from imagekit.identity.ways import Edited, Removed, grouped, row
from imagekit.system.initramfs.generator import find_generator
from imagekit.system.text import read_text, write_text
from imagekit.system.units import Job

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagekit.guest.protocol import Guest

INITIATOR = "/etc/iscsi/initiatorname.iscsi"
GENERATE = "GenerateName=yes\n"
"""What Debian's startup-checks.sh of open-iscsi replaces by a new name; without the file it refuses to start."""
_DEBIAN_CHECKS = "/{usr/lib,lib}/open-iscsi/startup-checks.sh"
_INIT_SERVICE = "/{usr/lib,lib}/systemd/system/iscsi-init.service"
_NAMED = re.compile(r"^[ \t]*InitiatorName[ \t]*=[ \t]*\S", re.MULTILINE)
_CHAP = re.compile(r"^[ \t]*\w[\w.]*\.(?:username|password)(?:_in)?[ \t]*=.*\n?", re.MULTILINE)
_NVME = Job(
    "imagekit-nvme-host",
    "Make a new NVMe host id",
    """\
[ -s /etc/nvme/hostnqn ] || nvme gen-hostnqn > /etc/nvme/hostnqn
[ -s /etc/nvme/hostid ] || sed -n 's/.*:uuid://p' /etc/nvme/hostnqn > /etc/nvme/hostid
""",
    before=("nvmf-autoconnect", "nvmefc-boot-connections", "stafd", "stacd"),
)


class InitiatorName:
    """The name by which iSCSI targets know a machine."""

    patterns = (INITIATOR,)

    def detect(self, guest: Guest) -> tuple[str, ...]:
        """Return the file if it gives a name."""
        return self.patterns if _NAMED.search(read_text(guest, INITIATOR)) else ()

    def reset(self, guest: Guest, spare: Collection[str]) -> None:
        """Have Debian's service make a new name; elsewhere the file's absence does that."""
        if INITIATOR in spare or not self.detect(guest):
            return
        if guest.glob_expand(_DEBIAN_CHECKS):
            guest.truncate(INITIATOR)
            write_text(guest, INITIATOR, GENERATE)
        else:
            guest.erase(INITIATOR)


def names_disks(guest: Guest, path: str) -> bool:
    """Tell whether a file of multipath says more than its header."""
    lines = (line.strip() for line in read_text(guest, path).splitlines())
    return any(line and not line.startswith("#") for line in lines)


def copied_initiator(guest: Guest) -> tuple[str, ...]:
    """Return where the hook of open-iscsi puts the name into an initramfs."""
    hook = guest.exists("/usr/share/initramfs-tools/hooks/iscsi")
    return ("etc/initiatorname.iscsi",) if hook and _generator(guest) == "initramfs-tools" else ()


def copied_nvme(guest: Guest) -> tuple[str, ...]:
    """Return where dracut's module nvmf puts the ids into an initramfs."""
    module = guest.glob_expand("/usr/lib/dracut/modules.d/*nvmf")
    return ("etc/nvme/hostnqn", "etc/nvme/hostid") if module and _generator(guest) == "dracut" else ()


def copied_multipath(guest: Guest) -> tuple[str, ...]:
    """Return where the hook of multipath-tools-boot puts its names into an initramfs."""
    hook = guest.glob_expand("/usr/share/initramfs-tools/hooks/multipath*")
    found = hook and _generator(guest) == "initramfs-tools"
    return ("etc/multipath/bindings", "etc/multipath/wwids") if found else ()


def _generator(guest: Guest) -> str:
    generator = find_generator(guest)
    return generator.name if generator else ""


ITEMS = grouped(
    "storage",
    row(
        "iscsi-iqn",
        "name of the host for iSCSI",
        InitiatorName(),
        maker=Maker(
            where=(
                (_DEBIAN_CHECKS, "the checks before iscsid starts make one, since the file says GenerateName=yes"),
                (_INIT_SERVICE, "iscsi-init.service makes one, since there is none"),
            )
        ),
        copied=copied_initiator,
        is_copy=lambda content: bool(_NAMED.search(content.decode(errors="replace"))),
    ),
    row(
        "iscsi-nodes",
        "iSCSI targets that were found, and passwords for them",
        Removed(("/{etc,var/lib}/iscsi/{nodes,send_targets}/*",)),
        Edited(("/etc/iscsi/iscsid.conf",), lambda text: _CHAP.sub("", text)),
        severity="warning",
        default=False,
        brands=False,
        why="nobody finds them anew, and file systems on them would be missing at boot",
    ),
    row(
        "nvme-hostnqn",
        "name and id of the host for NVMe",
        Removed(("/etc/nvme/{hostnqn,hostid}",), only=something),
        maker=Maker(job=_NVME, program="/{usr/sbin,sbin}/nvme"),
        copied=copied_nvme,
        why="both go together, since they must match",
    ),
    row(
        "multipath",
        "names of disks for multipath",
        Removed(("/etc/multipath/{wwids,bindings,prkeys}",), only=names_disks),
        maker=Maker(always="multipathd writes them anew for the disks that it finds"),
        severity="warning",
        copied=copied_multipath,
    ),
    row(
        "lvm-devices",
        "serial numbers of LVM's disks, and old copies of its metadata",
        Removed(
            (
                "/etc/lvm/devices/system.devices",
                "/etc/lvm/devices/backup/*",
                "/etc/lvm/{backup,archive}/*",
                "/etc/lvm/cache/.cache",
            )
        ),
        maker=Maker(always="LVM looks at every disk where there is no list, and keeps new copies"),
        severity="warning",
        why="with the list of another machine, volumes on a clone's disks may not be found",
    ),
    row(
        "blkid",
        "cache of the disks that were seen",
        Removed(("/etc/blkid.tab*", "/etc/blkid/*")),
        maker=NOT_NEEDED,
        severity="note",
        brands=False,
    ),
    row(
        "smartd",
        "health of the disks that were seen",
        Removed(("/var/lib/smartmontools/*.{state,csv}",)),
        maker=NOT_NEEDED,
        severity="note",
        brands=False,
    ),
)
