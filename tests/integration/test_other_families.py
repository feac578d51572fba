"""The real programs of other families: package managers, dracut, OpenRC, System V init, SELinux, from Debian's archive.

They run in an appliance on images that ``fixtures/tools.py`` describes. Each test has a session of its own over one of
them, and says by /etc/os-release which distribution imagekit shall take it for.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import imagekit
from imagekit.engine.build import Built, Mode, build
from imagekit.engine.errors import StepFailed
from imagekit.engine.opened import Opened, checked, opened
from imagekit.events import silent
from imagekit.images.workspace import Workspace
from imagekit.spec import parse_spec
from imagekit.steps import make_plan
from imagekit.system.initramfs.contents import contents_of
from imagekit.system.packages.manager import manager_of
from imagekit.system.packages.program import DownloadFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.appliance]

FEDORA = "ID=fedora\nVERSION_ID=41\n"
RELEASES = {"dnf": FEDORA, "zypper": 'ID="opensuse-leap"\nVERSION_ID="15.6"\n', "pacman": "ID=arch\n"}
STAYS = {
    # librepo notes the checksums of a local repository's files in their attributes, which changes the time of each.
    "dnf": ("/etc/yum.repos.d/fixture.repo", "/srv/repo/dnf/", "/var/lib/dnf/history.sqlite", "/var/lib/rpm/"),
    # libzypp takes packages of a local repository by hard links, which changes the time of each.
    "zypper": ("/etc/zypp/repos.d", "/srv/repo/zypper/", "/var/lib/rpm/", "/var/lib/zypp", "/var/log/zypp"),
    "pacman": (
        "/etc/pacman.conf",
        "/etc/ld.so.cache",
        "/var/cache/ldconfig/",
        "/var/lib/pacman/local/",
        "/var/log/pacman",
    ),
}
"""What a package manager may leave behind, besides what was installed."""


class Guest:
    """A system over the image of tools, taken for another distribution."""

    def __init__(self, image: Opened) -> None:
        self.image = image
        self.guest = image.guest

    def apply(self, *steps: dict[str, Any], trace: bool = False) -> Built:
        """Apply steps as ``customize`` does."""
        spec = parse_spec(json.dumps({"version": 1, "transforms": list(steps)}))
        return build(self.image, make_plan(spec), (), Mode(trace=trace), silent)

    def run(self, line: str) -> str:
        """Run a shell line of the guest itself, outside of imagekit's steps."""
        result = self.guest.command(["/bin/sh", "-c", line])
        assert result.status == 0, result.text
        return result.text

    def versions(self) -> dict[str, str]:
        """Return the upstream version of each of the fixture's packages that is installed."""
        tool = manager_of(self.guest.facts)
        assert tool
        found = tool.installed(self.guest)
        return {
            name: found[name].rpartition(":")[2].partition("-")[0] for name in ("ik-hello", "ik-words") if name in found
        }


@contextlib.contextmanager
def taken_for(image: Path, release: str = "") -> Iterator[Guest]:
    options = imagekit.Options()
    with (
        checked(image, options, silent) as info,
        Workspace.scratch() as workspace,
        opened(info, workspace, options.settings(network=True), options, silent) as image_opened,
    ):
        if release:
            image_opened.guest.write("/etc/os-release", release)
        yield Guest(image_opened)


def paths_of(built: Built) -> set[str]:
    return {change.path for step in built.steps for change in step.changes}


def repository(manager: str, age: str) -> dict[str, Any]:
    return {"name": "fixture", "url": f"file:///srv/repo/{manager}/{age}", "trusted": True}


@pytest.mark.parametrize("manager", RELEASES)
def test_packages_come_from_the_images_repository_are_held_and_updated(tools: Path, manager: str) -> None:
    install = {"packages": {"repositories": [repository(manager, "old")], "install": ["ik-hello"]}}
    with taken_for(tools, RELEASES[manager]) as guest:
        assert guest.guest.facts.package_manager == manager
        first = guest.apply(install, trace=True)
        installed = guest.versions()
        second = guest.apply(install, trace=True)
        guest.apply({"packages": {"hold": ["ik-words"]}})
        held_again = guest.apply({"packages": {"hold": ["ik-words"]}}, trace=True)
        guest.apply({"packages": {"repositories": [repository(manager, "new")], "update": True}})
        updated = guest.versions()

    assert installed == {"ik-hello": "1.0", "ik-words": "1.0"}
    assert {path for path in paths_of(first) if not path.startswith(("/usr/share/ik-", *STAYS[manager]))} == set()
    assert paths_of(second) == set()
    assert paths_of(held_again) == set()
    assert updated == {"ik-hello": "1.1", "ik-words": "1.0"}


@pytest.mark.parametrize("manager", RELEASES)
def test_packages_come_from_a_folder_of_the_host_and_go_with_what_they_brought(
    tools: Path, manager: str, tmp_path: Path
) -> None:
    with taken_for(tools, RELEASES[manager]) as guest:
        for name in guest.guest.ls(f"/srv/repo/{manager}/old"):
            if name.startswith("ik-"):
                (tmp_path / name).write_bytes(guest.guest.read_file(f"/srv/repo/{manager}/old/{name}"))
        install = {"packages": {"from": str(tmp_path), "install": ["ik-hello"]}}
        guest.apply(install)
        installed = guest.versions()
        content = guest.guest.read_file("/usr/share/ik-hello/version")
        second = guest.apply(install, {"packages": {"from": str(tmp_path)}}, trace=True)
        guest.apply({"packages": {"remove": ["ik-hello"]}})
        removed = guest.versions()
        guest.apply({"packages": {"autoremove": True}})
        unneeded = guest.versions()
        third = guest.apply({"packages": {"autoremove": True}}, {"packages": {"remove": ["ik-hello"]}}, trace=True)

    assert installed == {"ik-hello": "1.0", "ik-words": "1.0"}
    assert content == b"ik-hello 1.0\n"
    assert paths_of(second) == set()
    assert (removed, unneeded) == ({"ik-words": "1.0"}, {})
    assert paths_of(third) == set()


@pytest.mark.parametrize("manager", RELEASES)
def test_a_package_that_no_repository_has_is_a_failure_that_names_it(tools: Path, manager: str) -> None:
    step = {"packages": {"repositories": [repository(manager, "old")], "install": ["ik-nothing"]}}
    with taken_for(tools, RELEASES[manager]) as guest, pytest.raises(StepFailed) as failed:
        guest.apply(step)

    assert "ik-nothing" in failed.value.why
    assert not isinstance(failed.value.__cause__, DownloadFailed)


def test_dracut_puts_a_driver_in_that_was_not_there_and_only_once(tools: Path) -> None:
    step = {"kernel-modules": {"initramfs": ["hv_storvsc"]}}
    with taken_for(tools, FEDORA) as guest:
        (kernel,) = guest.guest.facts.kernels
        image = f"/boot/initrd.img-{kernel}"
        before = contents_of(guest.guest, image).modules
        guest.apply(step)
        after = contents_of(guest.guest, image)
        listed = guest.run(f"zstdcat {image} | cpio --quiet -t").split()
        second = guest.apply(step, trace=True)

    assert "virtio_blk" in before
    assert "hv_storvsc" not in before
    assert after.modules >= before | {"hv_storvsc", "hv_vmbus"}
    assert {name for name in listed if "hv_" in name} == {name for name in after.names if "hv_" in name}
    assert paths_of(second) == set()


def links(guest: Guest, name: str) -> set[tuple[str, str]]:
    """Return in which runlevels a script is started (S) or stopped (K)."""
    found = guest.guest.glob_expand(f"/etc/rc?.d/[SK][0-9][0-9]{name}")
    return {(path.split("/")[2], path.split("/")[3][0]) for path in found}


def started(guest: Guest) -> set[str]:
    """Return what startpar(8) starts."""
    return set(guest.run("sed -n 's/^TARGETS = //p' /etc/init.d/.depend.start").split())


def test_system_v_services_are_as_update_rc_d_and_insserv_would_have_them(tools: Path) -> None:
    with taken_for(tools) as guest:
        assert guest.guest.facts.init == "sysvinit"
        seen = {}
        for verb in ("disable", "enable"):
            guest.apply({"services": {verb: ["cron"]}})
            ours = (links(guest, "cron"), started(guest))
            again = paths_of(guest.apply({"services": {verb: ["cron"]}}))
            guest.run(f"insserv; update-rc.d cron {verb}")
            seen[verb] = (ours, again, (links(guest, "cron"), started(guest)))
        guest.run("update-rc.d cron remove")
        guest.apply({"services": {"enable": ["cron"]}})
        anew = (links(guest, "cron"), started(guest))

    assert {verb: ours == theirs for verb, (ours, _, theirs) in seen.items()} == {"disable": True, "enable": True}
    assert [again for _, again, _ in seen.values()] == [set(), set()]
    assert anew == seen["enable"][0]


def test_openrc_services_are_where_rc_update_shows_and_would_put_them(tools_openrc: Path) -> None:
    step = {"services": {"enable": ["ik-native"], "disable": ["rsync"]}}
    with taken_for(tools_openrc) as guest:
        assert guest.guest.facts.init == "openrc"
        before = guest.run("rc-update show default")
        guest.apply(step)
        after = guest.run("rc-update show default")
        link = guest.guest.readlink("/etc/runlevels/default/ik-native")
        second = guest.apply(step)
        guest.run("rc-update del ik-native default && rc-update add ik-native default")
        theirs = guest.guest.readlink("/etc/runlevels/default/ik-native")

    assert ("rsync" in before, "ik-native" in before) == (True, False)
    assert ("rsync" in after, "ik-native" in after) == (False, True)
    assert link == theirs
    assert paths_of(second) == set()


def test_selinux_labels_are_what_the_guests_own_policy_says(tools: Path) -> None:
    files = ["/etc/cron.d/fixture", "/usr/local/bin/fixture", "/var/www/html/index.html"]
    with taken_for(tools, FEDORA) as guest:
        # As in an image that was labelled once; the other files of this one never were.
        guest.guest.setxattr("/", "security.selinux", b"system_u:object_r:root_t:s0\0")
        guest.apply(
            {"write-files": [{"path": path, "content": "x\n"} for path in files[:2]]},
            {"run": {"command": "mkdir -p /var/www/html && echo x > /var/www/html/index.html"}},
        )
        labels = {path: guest.guest.lgetxattr(path, "security.selinux") for path in (*files, "/var/www/html")}
        wanted = {path: guest.run(f"matchpathcon -n {path}").strip() for path in labels}

    assert {path: (label or b"").rstrip(b"\0").decode() for path, label in labels.items()} == wanted
    assert len(set(wanted.values())) > 2
