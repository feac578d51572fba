"""On what each kind was proven, and by which test: data for docs/reference/proofs.md.

What a kind's unit test holds against fakes is read from that test; here stands what is proven on images. A test of the
architecture sees that every kind and every test that is named exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["phony image", "real tool", "real image", "booted"]
LEVELS: dict[Level, str] = {
    "phony image": "a small image of a phony guest, in an appliance; nothing in it runs",
    "real tool": "the family's own program, packaged by Debian, run in an appliance",
    "real image": "a Debian that boots, in an appliance",
    "booted": "clones of such an image, started by qemu and read afterwards",
}


NOT_PROVEN = """\
No image of another distribution than Debian is at hand when this project is tested. What Debian does not package is
only held against fakes, by the arguments that it is given: yum, dnf 5, apk, mkinitcpio, mkinitfs, wicked. What is
packaged runs as Debian builds it, on packages that are made for the tests.
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """One kind on some systems: the level, and the test, ``tests/….py::test_…``."""

    kind: str
    level: Level
    on: tuple[str, ...]
    test: str


_INTEGRATION = "tests/integration"
_TEMPLATE = f"{_INTEGRATION}/test_template.py::"
_TOOLS = f"{_INTEGRATION}/test_other_families.py::"
_PHONY = f"{_INTEGRATION}/test_families.py::test_every_family_loses_its_identity_once_and_the_second_plan_is_empty"
_FAMILIES = ("Debian 12", "Debian 13", "Ubuntu", "Fedora", "Rocky", "openSUSE", "Arch", "Alpine")
_SAYS = f"{_TEMPLATE}test_the_template_has_what_the_spec_says"
_COMES_UP = f"{_TEMPLATE}test_both_clones_come_up_with_no_failed_unit_and_sshd"
_DEBIAN = ("Debian 12", "Debian 13")
_FOLDER = f"{_INTEGRATION}/test_from_folder.py::test_the_agent_comes_from_the_folder_and_nothing_of_the_way_stays"
_CLEAN = f"{_INTEGRATION}/test_audit.py::test_a_generalized_system_has_nothing_against_it"
_CLONED = f"{_INTEGRATION}/test_boot.py::test_clones_of_a_generalized_image_with_cloud_init_take_their_seeds"
_MANAGERS = ("dnf 4", "zypper", "pacman")

PROOFS: tuple[Proof, ...] = (
    Proof("cloud-init", "phony image", ("Debian 12", "Ubuntu", "Rocky"), _PHONY),
    Proof("cloud-init", "booted", _DEBIAN, f"{_TEMPLATE}test_each_clone_took_its_own_seed"),
    Proof(
        "cloud-init",
        "booted",
        ("Debian 12",),
        f"{_INTEGRATION}/test_seeded.py::test_cloud_init_takes_the_seed_at_the_first_boot",
    ),
    Proof("generalize", "real image", _DEBIAN, _CLEAN),
    Proof("generalize", "booted", _DEBIAN, _CLONED),
    Proof("guest-drivers", "real image", _DEBIAN, _SAYS),
    Proof("guest-drivers", "real image", ("Debian 12: from a folder, without network",), _FOLDER),
    Proof("guest-drivers", "booted", _DEBIAN, _COMES_UP),
    Proof("hostname", "real image", _DEBIAN, _SAYS),
    Proof(
        "kernel-modules",
        "real tool",
        ("dracut",),
        f"{_TOOLS}test_dracut_puts_a_driver_in_that_was_not_there_and_only_once",
    ),
    Proof("machine-id", "phony image", _FAMILIES, _PHONY),
    Proof("machine-id", "booted", _DEBIAN, f"{_TEMPLATE}test_each_clone_has_a_machine_id_of_its_own"),
    Proof(
        "machine-id",
        "booted",
        ("Debian 13",),
        f"{_INTEGRATION}/test_debian_13.py::test_the_clone_has_a_machine_id_of_its_own",
    ),
    Proof(
        "packages",
        "real tool",
        _MANAGERS,
        f"{_TOOLS}test_packages_come_from_the_images_repository_are_held_and_updated",
    ),
    Proof(
        "packages",
        "real tool",
        _MANAGERS,
        f"{_TOOLS}test_packages_come_from_a_folder_of_the_host_and_go_with_what_they_brought",
    ),
    Proof("packages", "real image", ("Debian 12 and 13: apt",), _SAYS),
    Proof("packages", "booted", ("Debian 12 and 13: apt",), _COMES_UP),
    Proof("run", "real image", _DEBIAN, _SAYS),
    Proof("selinux", "real tool", ("setfiles",), f"{_TOOLS}test_selinux_labels_are_what_the_guests_own_policy_says"),
    Proof(
        "services",
        "real tool",
        ("System V init",),
        f"{_TOOLS}test_system_v_services_are_as_update_rc_d_and_insserv_would_have_them",
    ),
    Proof(
        "services",
        "real tool",
        ("OpenRC",),
        f"{_TOOLS}test_openrc_services_are_where_rc_update_shows_and_would_put_them",
    ),
    Proof("ssh-host-keys", "phony image", _FAMILIES, _PHONY),
    Proof("ssh-host-keys", "booted", _DEBIAN, f"{_TEMPLATE}test_each_clone_has_host_keys_of_its_own"),
    Proof(
        "ssh-host-keys",
        "booted",
        ("Debian 13",),
        f"{_INTEGRATION}/test_debian_13.py::test_host_keys_come_back_although_an_empty_machine_id_is_no_first_boot",
    ),
    Proof("write-files", "real image", _DEBIAN, _SAYS),
)
