from __future__ import annotations

import pytest

from imagekit.system import cloudinit, cloudswitch
from imagekit.testing.memory import File, Link, MemoryGuest

SOURCES = "/usr/lib/python3/dist-packages/cloudinit/sources"


@pytest.mark.parametrize(
    ("last", "names"),
    [
        ("datasource_list: [ NoCloud, 'None' ]  # mine\n", ("NoCloud", "None")),
        ('"datasource_list" : ["Ec2"]\n', ("Ec2",)),
        ("# datasource_list: [ GCE ]\n", ("Azure",)),
        ("datasource_list:\n - Azure\n", ()),
        ("datasource_list: [ NoCloud,\n  None ]\n", ()),
    ],
)
def test_the_last_list_of_datasources_counts_if_it_stands_on_one_line(last: str, names: tuple[str, ...]) -> None:
    guest = MemoryGuest(
        {
            "/etc/cloud/cloud.cfg": "datasource_list: [ Ec2 ]\n",
            "/etc/cloud/cloud.cfg.d/90_dpkg.cfg": "datasource_list: [ Azure ]\n",
            "/etc/cloud/cloud.cfg.d/95.cfg": last,
        }
    )

    assert cloudinit.datasources(guest) == names


def test_no_list_is_no_list(debian: MemoryGuest) -> None:
    assert cloudinit.datasources(debian) == ()


def test_one_datasource_that_is_fixed_for_ds_identify_beats_every_list(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ Azure ]\n")
    debian.add("/etc/cloud/ds-identify.cfg", "policy: enabled\ndatasource: Ec2\n")

    assert cloudinit.datasources(debian) == ("Ec2",)


def test_cloud_init_is_active_unless_it_was_switched_off(debian: MemoryGuest, debian13: MemoryGuest) -> None:
    on = cloudinit.is_active(debian)
    cloudswitch.switch_off(debian)

    assert (on, cloudinit.is_active(debian), cloudinit.is_active(debian13)) == (True, False, False)


def test_under_openrc_cloud_init_is_active_once_it_is_in_a_runlevel(alpine: MemoryGuest) -> None:
    alpine.add("/usr/bin/cloud-init", "")
    before = cloudinit.is_active(alpine)
    alpine.add("/etc/runlevels/boot/cloud-init-local", Link("/etc/init.d/cloud-init-local"))

    assert (before, cloudinit.is_active(alpine)) == (False, True)


def test_a_datasource_is_known_by_its_module(debian: MemoryGuest) -> None:
    unseen = cloudinit.knows_datasource(debian, "Vultr")
    debian.add(f"{SOURCES}/DataSourceNoCloud.py", "")
    debian.add(f"{SOURCES}/DataSourceNone.py", "")

    assert unseen
    assert cloudinit.datasource_names(debian) == ("NoCloud", "None")
    assert [cloudinit.knows_datasource(debian, name) for name in ("NoCloud", "Vultr")] == [True, False]


def test_what_files_set_is_told_with_the_strongest_last(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/10.cfg", "network: {config: disabled}\n")
    debian.add("/etc/cloud/cloud.cfg.d/20.cfg", "# network: x\n")
    debian.add("/etc/cloud/cloud.cfg.d/30.cfg", "network: [\n")
    debian.add("/etc/cloud/cloud.cfg.d/40.cfg", "network: {version: 2}\n")

    assert list(cloudinit.settings(debian, "network")) == [
        ("/etc/cloud/cloud.cfg.d/10.cfg", {"config": "disabled"}),
        ("/etc/cloud/cloud.cfg.d/40.cfg", {"version": 2}),
    ]


def test_a_setting_sorts_after_what_distributions_and_installers_ship(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/99-installer.cfg", "")
    cloudinit.write_config(debian, "x", "a: 1\n")

    assert cloudinit.config_files(debian)[-1] == cloudinit.config_path("x")


@pytest.mark.parametrize("entry", [File("old", mode=0o600, uid=5), File("new", mode=0o644), Link("/elsewhere")])
def test_a_private_file_is_put_right_whatever_was_there(entry: File | Link) -> None:
    guest = MemoryGuest({"/x": entry})

    cloudinit.write_private(guest, "/x", b"new", 0o600)

    assert guest.is_file("/x")
    assert (guest.read_file("/x"), guest.lstat("/x").mode, guest.lstat("/x").uid) == (b"new", 0o600, 0)
