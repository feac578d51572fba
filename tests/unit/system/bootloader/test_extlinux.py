from __future__ import annotations

import pytest

from imagekit.system.bootloader import cmdline, extlinux

CONFIG = """\
DEFAULT menu.c32
ONTIMEOUT virt
APPEND shared
LABEL virt
  MENU LABEL Linux virt
  LINUX vmlinuz-virt
  INITRD intel.img,initramfs-virt
  APPEND root=UUID=1 quiet
label plain
  kernel vmlinuz-virt
LABEL bare
  LINUX vmlinuz-virt
  append -

LABEL chain
  KERNEL chain.c32
  APPEND hd0
"""


def added(text: str) -> str:
    return cmdline.with_added(text, ("console=ttyS0",))


def test_labels_with_a_kernel_are_told() -> None:
    found = list(extlinux.labels(CONFIG))

    assert [(one.name, one.kernel, one.initrds, one.arguments) for one in found] == [
        ("virt", "vmlinuz-virt", ("intel.img", "initramfs-virt"), "root=UUID=1 quiet"),
        ("plain", "vmlinuz-virt", (), "shared"),
        ("bare", "vmlinuz-virt", (), ""),
    ]


def test_every_kernel_gets_the_argument_beside_what_it_has() -> None:
    after = extlinux.edit_kernels(CONFIG, added)

    assert [one.arguments for one in extlinux.labels(after)] == [
        "root=UUID=1 quiet console=ttyS0",
        "shared console=ttyS0",
        "console=ttyS0",
    ]
    assert after.endswith("LABEL chain\n  KERNEL chain.c32\n  APPEND hd0\n")
    assert extlinux.edit_kernels(after, added) == after


def test_the_last_argument_may_go() -> None:
    after = extlinux.edit_kernels("LABEL a\n LINUX b\n APPEND c\n", lambda _: "")

    assert after == "LABEL a\n LINUX b\n APPEND -\n"


@pytest.mark.parametrize(
    ("text", "label"), [(CONFIG, "virt"), ("default linux\nlabel linux\n", "linux"), ("label x\n", "")]
)
def test_the_default_is_told(text: str, label: str) -> None:
    assert extlinux.default(text) == label
