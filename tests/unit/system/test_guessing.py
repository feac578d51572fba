from __future__ import annotations

import pytest

from imagekit.system import guessing

HASHES = {
    "yescrypt": "$y$j9T$pntF3.0kSsLO7dUA46ev70$5Et1FIQT.QbpAbkvnQwYzgNKr3mevJ87a2ovoPzAMz9",
    "sha512": "$6$/mfD96VBF0gqc3H0$nE04bTyLwXGu6ZxeGcbTeUFJa389mJtCVCx/e0oZoa0Z.0nr45sm0NhTM2pN.NU55oPS81b2/QqY...1p6a3M0",
    "sha256": "$5$XKSnXx7A0q33FmPT$1EkM3AXbC9XqK30QVxY9YSLmoCsD38PKH6FpH4O/uc/",
    "bcrypt": "$2b$05$utN1Dj1xqxH153SXmEnX4Oul5YGmPr6UoK23Bs0WZIKOlpRxT/hFS",
    "md5": "$1$ZXuFA6lK$swncOlUsKpJIOYuaXuyz00",
    "des": "iCMysnoTmeMW.",
}
"""All of one word, made by libxcrypt 4.4."""


@pytest.mark.parametrize("kind", HASHES)
def test_the_password_of_each_kind_is_found(kind: str) -> None:
    assert guessing.guess(HASHES[kind], ("nope", "vagrant"))


@pytest.mark.parametrize("kind", HASHES)
def test_another_password_is_not(kind: str) -> None:
    assert not guessing.guess(HASHES[kind], ("nope", ""))


@pytest.mark.parametrize("kind", HASHES)
def test_each_usual_kind_is_cheap(kind: str) -> None:
    assert guessing.is_cheap(HASHES[kind])


@pytest.mark.parametrize(
    "hashed",
    [
        "$6$rounds=999999999$salt$x",
        "$2b$31$abcdefghijklmnopqrstuv",
        "$y$jzzzz$salt$x",
        "$7$CU..../....salt$x",
        "$sha1$9$x$x",
        "$$",
        "x",
    ],
)
def test_what_may_cost_anything_is_not_tried(hashed: str) -> None:
    assert not guessing.is_cheap(hashed)
    assert not guessing.guess(hashed, ("x",))


def test_only_des_and_md5_are_old() -> None:
    assert {kind for kind, hashed in HASHES.items() if guessing.is_old_kind(hashed)} == {"md5", "des"}


@pytest.mark.parametrize("hashed", ["*0", "\udcff" * 13, "$6$\udcff"])
def test_what_is_no_hash_is_of_no_password(hashed: str) -> None:
    assert not guessing.guess(hashed, ("", "x"))
