from __future__ import annotations

import pytest

from imagekit.system import cloudinit
from imagekit.testing.memory import File, Link, MemoryGuest


def test_the_last_single_line_list_of_datasources_counts() -> None:
    guest = MemoryGuest(
        {
            "/etc/cloud/cloud.cfg": "datasource_list: [ Ec2 ]\n",
            "/etc/cloud/cloud.cfg.d/90_dpkg.cfg": "# datasource_list: [ GCE ]\ndatasource_list: [ NoCloud, 'None' ]\n",
            "/etc/cloud/cloud.cfg.d/95.cfg": "datasource_list:\n - Azure\n",
        }
    )

    assert cloudinit.datasources(guest) == ("NoCloud", "None")


def test_no_list_is_no_list(debian: MemoryGuest) -> None:
    assert cloudinit.datasources(debian) == ()


def test_what_the_last_instance_left_is_all_but_the_seed(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/seed/nocloud/user-data", "")
    debian.add("/var/lib/cloud/data/x", "")
    debian.add("/var/lib/cloud/instance", Link("instances/a"))

    assert cloudinit.instance_state(debian) == ("/var/lib/cloud/data", "/var/lib/cloud/instance")


def test_user_data_of_the_last_instance_is_overwritten_before_it_goes(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/instances/a/user-data.txt", "hush")
    node = debian.tree.get("/var/lib/cloud/instances/a/user-data.txt")

    cloudinit.clean(debian)

    assert node is not None
    assert node.content == b"\0\0\0\0"
    assert cloudinit.instance_state(debian) == ()


def test_cloud_init_is_active_unless_it_was_switched_off(debian: MemoryGuest, debian13: MemoryGuest) -> None:
    on = cloudinit.is_active(debian)
    cloudinit.set_enabled(debian, enabled=False)

    assert (on, cloudinit.is_active(debian), cloudinit.is_active(debian13)) == (True, False, False)


def test_under_openrc_its_services_are_put_into_their_runlevels(alpine: MemoryGuest) -> None:
    for service in ("cloud-init-local", "cloud-init", "cloud-config", "cloud-final"):
        alpine.add(f"/etc/init.d/{service}", "")

    cloudinit.set_enabled(alpine, enabled=True)

    assert "cloud-init-local" in alpine.ls("/etc/runlevels/boot")
    assert {"cloud-init", "cloud-config", "cloud-final"} <= set(alpine.ls("/etc/runlevels/default"))


@pytest.mark.parametrize("entry", [File("old", mode=0o600, uid=5), File("new", mode=0o644), Link("/elsewhere")])
def test_a_private_file_is_put_right_whatever_was_there(entry: File | Link) -> None:
    guest = MemoryGuest({"/x": entry})

    cloudinit.write_private(guest, "/x", b"new", 0o600)

    assert guest.is_file("/x")
    assert (guest.read_file("/x"), guest.lstat("/x").mode, guest.lstat("/x").uid) == (b"new", 0o600, 0)


def test_the_schema_is_the_guests_own(debian: MemoryGuest) -> None:
    before = cloudinit.cloud_config_schema(debian)
    debian.add("/usr/lib/python3.9/site-packages/cloudinit/config/schemas/schema-cloud-config-v1.json", "{}")

    assert (before, cloudinit.cloud_config_schema(debian)) == (None, b"{}")
