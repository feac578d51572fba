from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


def test_no_clean_guest_has_one(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("old-password-hash", clean) == []


@pytest.mark.parametrize("field", ["$1$ZXuFA6lK$swncOlUsKpJIOYuaXuyz00", "iCMysnoTmeMW."])
def test_md5_and_des_are_told(look: Callable[..., Any], debian: MemoryGuest, field: str) -> None:
    debian.write("/etc/shadow", f"root:{field}:19700::::::\n")

    (sign,) = look("old-password-hash", debian)

    assert sign.path == "/etc/shadow"
    assert field not in str(sign)


@pytest.mark.parametrize(
    "field", ["$6$abc$" + "x" * 86, "$y$j9T$abc$" + "x" * 43, "!$1$ZXuFA6lK$swncOlUsKpJIOYuaXuyz00", ""]
)
def test_what_keeps_people_out_is_not(look: Callable[..., Any], debian: MemoryGuest, field: str) -> None:
    debian.write("/etc/shadow", f"root:{field}:19700::::::\n")

    assert look("old-password-hash", debian) == []
