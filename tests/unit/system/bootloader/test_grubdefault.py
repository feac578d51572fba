from __future__ import annotations

import pytest

from imagekit.system.bootloader import grubdefault
from imagekit.system.bootloader.shellvars import NotPlain

MAIN = "/etc/default/grub"
MORE = "/etc/default/grub.d/50-cloud.cfg"


def changed(texts: dict[str, str], *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> dict[str, str]:
    once = grubdefault.changed(texts, add, remove)
    assert grubdefault.changed(once, add, remove) == once
    return once


def test_what_is_added_goes_to_every_entry() -> None:
    text = 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n'

    assert changed({MAIN: text}, add=("net.ifnames=0", "quiet")) == {
        MAIN: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="net.ifnames=0"\n'
    }


def test_what_is_added_stands_behind_another_value_of_its_name() -> None:
    text = 'GRUB_CMDLINE_LINUX_DEFAULT="console=tty0 quiet"\nGRUB_CMDLINE_LINUX=""\n'

    assert changed({MAIN: text}, add=("console=ttyS0",)) == {
        MAIN: 'GRUB_CMDLINE_LINUX_DEFAULT="console=tty0 quiet console=ttyS0"\nGRUB_CMDLINE_LINUX=""\n'
    }


def test_the_file_that_has_the_last_word_is_edited() -> None:
    texts = {MAIN: 'GRUB_CMDLINE_LINUX="a"\n', MORE: 'GRUB_CMDLINE_LINUX="b"\n'}

    assert changed(texts, add=("x",)) == {MAIN: 'GRUB_CMDLINE_LINUX="a"\n', MORE: 'GRUB_CMDLINE_LINUX="b x"\n'}


def test_a_drop_in_may_add_to_the_main_file() -> None:
    texts = {MAIN: 'GRUB_CMDLINE_LINUX="x"\n', MORE: 'GRUB_CMDLINE_LINUX="${GRUB_CMDLINE_LINUX} b"\n'}

    assert grubdefault.arguments(texts) == ("x", "b")
    assert changed(texts, add=("x",)) == texts


def test_what_is_removed_goes_from_every_file_and_both_variables() -> None:
    texts = {
        MAIN: 'GRUB_CMDLINE_LINUX="rhgb a"\nGRUB_CMDLINE_LINUX_DEFAULT=quiet\n',
        MORE: "GRUB_CMDLINE_LINUX='b rhgb'\n",
    }

    assert changed(texts, remove=("rhgb", "quiet")) == {
        MAIN: 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX_DEFAULT=""\n',
        MORE: "GRUB_CMDLINE_LINUX='b'\n",
    }


def test_a_file_that_sets_neither_gets_a_line() -> None:
    assert changed({MAIN: "GRUB_TIMEOUT=5\n"}, add=("x",)) == {MAIN: 'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX="x"\n'}


def test_quotes_inside_are_the_shells() -> None:
    after = changed({MAIN: 'GRUB_CMDLINE_LINUX="a"\n'}, add=('dyndbg="file x +p"',))

    assert after == {MAIN: 'GRUB_CMDLINE_LINUX="a dyndbg=\\"file x +p\\""\n'}
    assert grubdefault.arguments(after) == ("a", 'dyndbg="file x +p"')


def test_an_assignment_that_is_put_together_is_told() -> None:
    with pytest.raises(NotPlain):
        grubdefault.changed({MAIN: 'GRUB_CMDLINE_LINUX="a"$(b)\n'}, ("x",), ())
