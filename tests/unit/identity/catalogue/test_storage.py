from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue.storage import INITIATOR, ITEMS
from imagekit.testing.memory import File

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

STORAGE = {item.id: item for item in ITEMS}
NAME = "InitiatorName=iqn.1993-08.org.debian:01:abc\n"


def named(guest: MemoryGuest) -> MemoryGuest:
    guest.add(INITIATOR, File(NAME, 0o600))
    return guest


@pytest.mark.parametrize("folder", ["/lib", "/usr/lib"])
def test_debian_is_told_to_make_a_new_name_since_it_does_not_start_without_the_file(debian, folder: str) -> None:
    guest = named(debian)
    guest.add(f"{folder}/open-iscsi/startup-checks.sh", "")
    STORAGE["iscsi-iqn"].reset(guest)

    assert guest.read_file(INITIATOR) == b"GenerateName=yes\n"
    assert guest.lstat(INITIATOR).mode == 0o600
    assert STORAGE["iscsi-iqn"].detect(guest) == ()
    assert "GenerateName" in STORAGE["iscsi-iqn"].returns(guest)


def test_where_a_service_makes_the_file_it_is_removed(rocky: MemoryGuest) -> None:
    guest = named(rocky)
    guest.add("/usr/lib/systemd/system/iscsi-init.service", "")
    STORAGE["iscsi-iqn"].reset(guest)

    assert not guest.exists(INITIATOR)
    assert "iscsi-init" in STORAGE["iscsi-iqn"].returns(guest)


def test_where_nothing_makes_one_nobody_is_named(alpine: MemoryGuest) -> None:
    assert STORAGE["iscsi-iqn"].returns(named(alpine)) == ""


def test_the_name_in_an_initramfs_is_a_copy_only_where_the_hook_puts_it(
    debian: MemoryGuest, rocky: MemoryGuest
) -> None:
    item = STORAGE["iscsi-iqn"]
    bare = item.copied(debian)
    for guest in (debian, rocky):
        guest.add("/usr/share/initramfs-tools/hooks/iscsi", "")

    assert (bare, item.copied(debian), item.copied(rocky)) == ((), ("etc/initiatorname.iscsi",), ())
    assert (item.is_copy(NAME.encode()), item.is_copy(b"GenerateName=yes\n")) == (True, False)


def test_dracut_copies_the_nvme_ids_where_it_has_the_module(rocky: MemoryGuest) -> None:
    bare = STORAGE["nvme-hostnqn"].copied(rocky)
    rocky.add("/usr/lib/dracut/modules.d/95nvmf/module-setup.sh", "")

    assert (bare, STORAGE["nvme-hostnqn"].copied(rocky)) == ((), ("etc/nvme/hostnqn", "etc/nvme/hostid"))


def test_multipath_names_are_copied_by_its_hook(debian: MemoryGuest) -> None:
    bare = STORAGE["multipath"].copied(debian)
    debian.add("/usr/share/initramfs-tools/hooks/multipath", "")

    assert (bare, STORAGE["multipath"].copied(debian)) == ((), ("etc/multipath/bindings", "etc/multipath/wwids"))


def test_the_nvme_ids_are_made_by_a_job_that_keeps_them_matching(debian: MemoryGuest) -> None:
    debian.add("/usr/sbin/nvme", "")
    debian.add("/etc/nvme/hostnqn", "nqn.2014-08.org.nvmexpress:uuid:x\n")
    STORAGE["nvme-hostnqn"].reset(debian)
    script = debian.read_file("/usr/local/libexec/imagekit/imagekit-nvme-host").decode()

    assert not debian.exists("/etc/nvme/hostnqn")
    assert script.index("gen-hostnqn") < script.index("/etc/nvme/hostid")


def test_passwords_of_iscsi_go_and_its_settings_stay(debian: MemoryGuest) -> None:
    debian.add(
        "/etc/iscsi/iscsid.conf",
        "node.startup = manual\nnode.session.auth.password = x\n# node.session.auth.password = y\n",
    )
    STORAGE["iscsi-nodes"].reset(debian)

    assert debian.read_file("/etc/iscsi/iscsid.conf") == b"node.startup = manual\n# node.session.auth.password = y\n"


def test_files_of_multipath_that_hold_a_header_alone_name_no_disk(debian: MemoryGuest) -> None:
    debian.add("/etc/multipath/wwids", "# Multipath wwids, Version : 1.0\n# Valid WWIDs:\n\n")
    debian.add("/etc/multipath/bindings", "# alias wwid\nmpatha 3600\n")

    assert STORAGE["multipath"].detect(debian) == ("/etc/multipath/bindings",)
