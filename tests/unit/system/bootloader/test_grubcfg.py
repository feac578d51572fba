from __future__ import annotations

import pytest

from imagekit.system.bootloader import cmdline, grubcfg

CONFIG = """\
set default="0"
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1' {
\tlinux\t/boot/vmlinuz-6.1.0-21-amd64 root=UUID=1 ro  quiet
\tinitrd\t/boot/microcode.img /boot/initrd.img-6.1.0-21-amd64
}
submenu 'Advanced' $menuentry_id_option 'advanced' {
\tmenuentry "recovery" {
\t\tlinuxefi /boot/vmlinuz-6.1.0-21-amd64
\t}
}
menuentry 'Xen' {
\tmultiboot2 /boot/xen.gz placeholder
\tmodule2 /boot/vmlinuz-6.1.0-21-amd64 placeholder root=UUID=1
\tmodule2 --nounzip /boot/initrd.img
}
menuentry 'memtest' {
\tlinux16 /boot/memtest86+x64.bin
}
# linux /boot/vmlinuz-old ro
"""


def added(text: str) -> str:
    return cmdline.with_added(text, ("console=ttyS0",))


def test_every_kernel_gets_the_argument_and_nothing_else_does() -> None:
    after = grubcfg.edit_kernels(CONFIG, added)

    changed = [line for line, old in zip(after.split("\n"), CONFIG.split("\n"), strict=True) if line != old]
    assert changed == [
        "\tlinux\t/boot/vmlinuz-6.1.0-21-amd64 root=UUID=1 ro  quiet console=ttyS0",
        "\t\tlinuxefi /boot/vmlinuz-6.1.0-21-amd64 console=ttyS0",
        "\tmodule2 /boot/vmlinuz-6.1.0-21-amd64 placeholder root=UUID=1 console=ttyS0",
    ]
    assert grubcfg.edit_kernels(after, added) == after


def test_the_last_argument_may_go() -> None:
    assert grubcfg.edit_kernels("linux /vmlinuz quiet\n", lambda _: "") == "linux /vmlinuz\n"


def test_entries_are_told_with_their_ids_or_titles() -> None:
    simple, recovery, xen = grubcfg.entries(CONFIG)

    assert simple == grubcfg.MenuEntry(
        "gnulinux-simple-1",
        "/boot/vmlinuz-6.1.0-21-amd64",
        ("/boot/microcode.img", "/boot/initrd.img-6.1.0-21-amd64"),
        "root=UUID=1 ro  quiet",
    )
    assert (recovery.name, recovery.initrds, recovery.arguments) == ("recovery", (), "")
    assert xen.kernel == "/boot/vmlinuz-6.1.0-21-amd64"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ('set default="0"\n', "0"),
        ('if x; then\n  set default="${next_entry}"\nelse\n  set default="2>1"\nfi\n', "2>1"),
        ('set default="${saved_entry}"\n', "saved"),
    ],
)
def test_the_default_is_told(text: str, value: str) -> None:
    assert grubcfg.default(text) == value


def test_the_arguments_that_entries_share_are_edited_too() -> None:
    text = 'if [ -z "${kernelopts}" ]; then\n  set kernelopts="root=UUID=1 ro "\nfi\n'

    assert grubcfg.kernelopts(text) == "root=UUID=1 ro "
    assert 'set kernelopts="root=UUID=1 ro console=ttyS0"\n' in grubcfg.edit_kernels(text, added)
    assert grubcfg.kernelopts("") is None
