from __future__ import annotations

import uuid

import pytest

import imagekit
from imagekit.machine_id import IMAGEKIT, NotAnId, app_specific

ID = "0123456789abcdef0123456789abcdef"
APP = "3773590d2d1649f88a2c1e1d7d0b4ffb"


@pytest.mark.parametrize(
    ("machine_id", "app_id", "derived"),
    [  # printed by systemd-id128 machine-id --app-specific= of systemd 252
        ("00112233445566778899aabbccddeeff", APP, "2baac4a06dd7479cb0e8161b5de648f1"),
        ("00112233445566778899aabbccddeeff", "f" * 32, "a0711a43f874488c866741500ca19787"),
        (ID, APP, "a8bc0cc650904c40a8b442b07d04e257"),
        (ID, "f" * 32, "ba7f0236bb85447ab66743dff5693b04"),
    ],
)
def test_it_is_the_id_that_systemd_derives(machine_id: str, app_id: str, derived: str) -> None:
    assert app_specific(machine_id, app_id) == derived


@pytest.mark.parametrize("form", [ID.upper(), f"{ID}\n", "01234567-89ab-cdef-0123-456789abcdef"])
def test_however_an_id_is_written_it_is_the_same_one(form: str) -> None:
    assert app_specific(form, APP) == app_specific(ID, APP)
    assert app_specific(ID, form) == app_specific(ID, ID)


def test_the_result_is_a_random_uuid_by_its_marks() -> None:
    derived = uuid.UUID(app_specific(ID, APP))

    assert (derived.version, derived.variant) == (4, uuid.RFC_4122)


def test_two_applications_cannot_compare_what_they_have() -> None:
    assert app_specific(ID, IMAGEKIT) != app_specific(ID, APP)


@pytest.mark.parametrize(
    "text", ["", "uninitialized\n", "0" * 32, ID[1:], f"{ID}\n\n", f" {ID}", f"{ID[:16]}-{ID[16:]}"]
)
def test_what_is_no_id_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(NotAnId) as refused:
        app_specific(text, APP)
    with pytest.raises(NotAnId, match="application id"):
        app_specific(ID, text)

    assert refused.value.what == "machine-id"
    assert refused.value.exit_status == 2
    assert not text.strip() or text.strip() not in str(refused.value.document())


def test_it_is_public() -> None:
    assert imagekit.machine_id.app_specific is app_specific
