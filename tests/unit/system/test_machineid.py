from __future__ import annotations

import pytest

from imagekit.system import machineid
from imagekit.testing.memory import File, MemoryGuest

ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("text", [f"{ID}\n", ID, ID.upper(), f"{ID}\n\n", "01234567-89ab-cdef-0123-456789abcdef"])
def test_whatever_somebody_may_take_for_an_id_is_one(text: str) -> None:
    assert machineid.parse(text) == ID


@pytest.mark.parametrize("text", ["", "\n", "uninitialized\n", "0" * 32, ID[1:], "firmware"])
def test_blank_states_hold_no_id(text: str) -> None:
    assert machineid.parse(text) is None


@pytest.mark.parametrize(
    ("init", "state"), [("systemd", "empty"), ("openrc", "absent"), ("sysvinit", "absent"), ("unknown", "absent")]
)
def test_the_blank_state_is_one_that_the_init_makes_an_id_from(init: machineid.Init, state: str) -> None:
    assert machineid.blank_state(init) == state


def test_the_old_id_is_overwritten_in_place() -> None:
    guest = MemoryGuest({"/etc/machine-id": File(f"{ID}\n", mode=0o444)})
    node = guest.tree.get("/etc/machine-id")

    machineid.set_content(guest, "")

    assert node is not None
    assert node.content == bytes(33)
    assert guest.read_file("/etc/machine-id") == b""


def test_nothing_is_made_absent_twice() -> None:
    guest = MemoryGuest({"/etc/machine-id": f"{ID}\n"})

    machineid.set_content(guest, None)
    machineid.set_content(guest, None)

    assert not guest.exists("/etc/machine-id")
