from __future__ import annotations

from imagekit.identity.catalogue.boot import without_memory

HEAD = "# GRUB Environment Block\n"


def test_what_one_boot_left_goes_and_the_block_keeps_its_size() -> None:
    block = f"{HEAD}saved_entry=1\nrecordfail=1\nnext_entry=2\n".ljust(1024, "#")
    made = without_memory(block)

    assert made == f"{HEAD}saved_entry=1\n".ljust(1024, "#")
    assert without_memory(made) == made


def test_a_block_without_any_is_left_as_it_is() -> None:
    assert without_memory(f"{HEAD}saved_entry=1\n####") == f"{HEAD}saved_entry=1\n####"
