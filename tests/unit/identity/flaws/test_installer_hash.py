from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


SHA512 = "$6$/mfD96VBF0gqc3H0$nE04bTyLwXGu6ZxeGcbTeUFJa389mJtCVCx/e0oZoa0Z.0nr45sm0NhTM2pN.NU55oPS81b2/QqY...1p6a3M0"
YESCRYPT = "$y$j9T$pntF3.0kSsLO7dUA46ev70$5Et1FIQT.QbpAbkvnQwYzgNKr3mevJ87a2ovoPzAMz9"
BCRYPT = "$2b$05$utN1Dj1xqxH153SXmEnX4Oul5YGmPr6UoK23Bs0WZIKOlpRxT/hFS"


def test_no_clean_guest_has_one(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("installer-hash", clean) == []


@pytest.mark.parametrize("hashed", [SHA512, YESCRYPT, BCRYPT, SHA512.replace("$6$", "$6$rounds=5000$")])
def test_a_hash_of_each_kind_is_found_and_not_told(look: Callable[..., Any], debian: MemoryGuest, hashed: str) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/99-installer.cfg", f'users: [{{name: me, passwd: "{hashed}"}}]\n')

    (sign,) = look("installer-hash", debian)

    assert sign.path == "/etc/cloud/cloud.cfg.d/99-installer.cfg"
    assert sign.mend == ({"delete": sign.path},)
    assert hashed not in str(sign)


@pytest.mark.parametrize(
    "path", ["/root/autoinst.xml", "/preseed.cfg", "/root/ks.cfg", "/var/adm/autoinstall/cache/a.xml"]
)
def test_the_places_of_installers_are_looked_at(look: Callable[..., Any], debian: MemoryGuest, path: str) -> None:
    debian.add(path, f"password {SHA512}\n")

    assert [sign.path for sign in look("installer-hash", debian)] == [path]


@pytest.mark.parametrize("text", ["passwd: $6$short$hash\n", "price: $5$ or $6$\n", "lock_passwd: true\n", ""])
def test_what_is_no_hash_is_let_be(look: Callable[..., Any], debian: MemoryGuest, text: str) -> None:
    debian.add("/root/ks.cfg", text)

    assert look("installer-hash", debian) == []
