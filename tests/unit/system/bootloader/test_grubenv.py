from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.bootloader import grubenv

BLOCK = grubenv.padded(grubenv.SIGNATURE + "saved_entry=a=b\nboot_success=0\n")


def test_variables_are_read() -> None:
    assert grubenv.variables(BLOCK) == {"saved_entry": "a=b", "boot_success": "0"}


@pytest.mark.parametrize("text", ["", "saved_entry=a\n", "#" * 1024])
def test_what_has_no_signature_is_no_block(text: str) -> None:
    assert grubenv.variables(text) == {}


@pytest.mark.parametrize("value", ["ro quiet", "", "a\\b", "a\nb\\\n#", "é"])
def test_a_value_comes_back_and_the_block_keeps_its_size(value: str) -> None:
    block = grubenv.with_variable(BLOCK, "kernelopts", value)

    assert grubenv.variables(block) == {"saved_entry": "a=b", "boot_success": "0", "kernelopts": value}
    assert len(block.encode()) == 1024


def test_a_variable_is_changed_in_its_place() -> None:
    block = grubenv.with_variable(BLOCK, "saved_entry", "0")

    assert block.startswith(grubenv.SIGNATURE + "saved_entry=0\nboot_success=0\n###")


def test_a_comment_stays_and_a_value_that_is_there_changes_nothing() -> None:
    block = grubenv.padded(grubenv.SIGNATURE + "# WARNING: no a=b\na=b\n")

    assert grubenv.with_variable(block, "a", "b") == block
    assert "# WARNING: no a=b\na=c\n" in grubenv.with_variable(block, "a", "c")


def test_a_larger_block_stays_as_large() -> None:
    block = grubenv.padded(grubenv.SIGNATURE, 4096)

    assert len(grubenv.with_variable(block, "a", "b")) == 4096


def test_a_block_that_is_full_is_told() -> None:
    with pytest.raises(Problem, match="no room") as caught:
        grubenv.with_variable(BLOCK, "kernelopts", "x" * 1000)

    assert caught.value.code == "IK-BOOT-003"


def test_what_fills_a_block_up_is_not_doubled() -> None:
    assert grubenv.padded(BLOCK) == BLOCK
