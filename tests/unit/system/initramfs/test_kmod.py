from __future__ import annotations

import pytest

from imagekit.system.initramfs import kmod
from imagekit.testing.memory import MemoryGuest


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("usr/lib/modules/6.1/kernel/drivers/block/virtio_blk.ko", "virtio_blk"),
        ("kernel/drivers/block/xen-blkfront.ko.xz", "xen_blkfront"),
        ("a.ko.zst", "a"),
        ("a.ko.gz", "a"),
        ("a.ko.bak", None),
        ("a.ok", None),
        (".ko", None),
        ("lib/modules/6.1/modules.dep", None),
    ],
)
def test_a_module_is_known_by_the_name_of_its_file(path: str, name: str | None) -> None:
    assert kmod.module_of(path) == name


@pytest.mark.parametrize("home", ["/lib/modules/6.1", "/usr/lib/modules/6.1"])
def test_what_a_kernel_has_is_what_depmod_listed_and_what_is_built_in(home: str) -> None:
    guest = MemoryGuest(
        {
            f"{home}/modules.dep": "kernel/a/x-y.ko.xz: kernel/b/z.ko.xz\nkernel/b/z.ko.xz:\n",
            f"{home}/modules.builtin": "kernel/drivers/nvme/host/nvme-core.ko\n",
        }
    )

    assert kmod.files_of(guest, "6.1") == {"x_y": "kernel/a/x-y.ko.xz", "z": "kernel/b/z.ko.xz"}
    assert kmod.built_in(guest, "6.1") == {"nvme_core"}
    assert kmod.unavailable(guest, "6.1", ("x_y", "nvme-core", "ena")) == ("ena",)


def test_missing_names_are_told_once_in_order_and_as_they_were_given() -> None:
    assert kmod.missing(("b-1", "a", "b-1", "c_2"), {"c-2"}) == ("b-1", "a")
