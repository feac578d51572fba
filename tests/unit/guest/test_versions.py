from __future__ import annotations

from hypothesis import given, strategies as st

from imagekit.guest.versions import version_key


def test_numbers_count_as_numbers() -> None:
    versions = ["6.1.0-18-amd64", "6.10.1", "6.1.0-9-amd64", "5.14.0", "6.9.12"]

    assert sorted(versions, key=version_key) == ["5.14.0", "6.1.0-9-amd64", "6.1.0-18-amd64", "6.9.12", "6.10.1"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_two_versions_can_be_compared(one: str, other: str) -> None:
    assert version_key(one) <= version_key(other) or version_key(one) > version_key(other)
