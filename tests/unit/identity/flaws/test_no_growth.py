from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


def test_no_clean_guest_is_kept_small(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("no-growth", clean) == []


@pytest.mark.parametrize(("name", "package"), [("debian", "cloud-guest-utils"), ("rocky", "cloud-utils-growpart")])
def test_cloud_init_cannot_grow_without_its_program(
    look: Callable[..., Any], request: pytest.FixtureRequest, name: str, package: str
) -> None:
    (sign,) = look("no-growth", request.getfixturevalue(name))

    assert sign.mend == ({"packages": {"install": [package]}},)


def test_cloud_init_may_be_told_not_to(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.add("/usr/bin/growpart", "")
    debian.add("/etc/cloud/cloud.cfg.d/50-no.cfg", "growpart: {mode: off}\n")

    assert [sign.path for sign in look("no-growth", debian)] == ["/etc/cloud/cloud.cfg.d/50-no.cfg"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/repart.d/50-root.conf",
        "/usr/share/initramfs-tools/hooks/growroot",
        "/usr/lib/dracut/modules.d/90kiwi-repart/module-setup.sh",
        "/etc/systemd/system/resize-root.service",
    ],
)
def test_something_else_may_grow_it(look: Callable[..., Any], debian: MemoryGuest, path: str) -> None:
    debian.add(path, "")

    assert look("no-growth", debian) == []


def test_without_cloud_init_nothing_is_said(look: Callable[..., Any], arch: MemoryGuest, debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud-init.disabled", "")

    assert look("no-growth", arch) + look("no-growth", debian) == []


@pytest.mark.parametrize("root", ["/dev/sda", "/dev/vg/root", "btrfsvol:/dev/sda2/@"])
def test_a_root_that_is_no_partition_is_not_judged(look: Callable[..., Any], debian: MemoryGuest, root: str) -> None:
    assert look("no-growth", debian, root=root) == []
