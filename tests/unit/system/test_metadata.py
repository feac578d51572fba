from __future__ import annotations

import pytest

from imagekit.system import metadata


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"instance_id: x\n", "'instance-id'"),
        (b"Instance-ID: x\n", "'instance-id'"),
        (b"instance-id: 12\n", "quote it"),
        (b"local-hostname: on\n", "quote it"),
        (b"dsmode: no-such\n", "local, net"),
        (b"dsmode: disabled\n", "refuse the whole seed"),
        (b"- x\n", "no YAML mapping"),
    ],
)
def test_what_cloud_init_would_not_read_is_said(content: bytes, said: str) -> None:
    (fault,) = metadata.faults(content)

    assert said in fault.told()
    assert fault.line == 1


def test_every_fault_is_told_with_its_line() -> None:
    found = metadata.faults(b"instance_id: x\nanything: z\ndsmode: x\n")

    assert [fault.line for fault in found] == [1, 3]


@pytest.mark.parametrize("content", [b"", b"instance-id: x\nlocal-hostname: y\nanything: z\ndsmode: local\n"])
def test_what_cloud_init_reads_is_taken(content: bytes) -> None:
    assert metadata.faults(content) == ()


def test_an_instance_id_that_is_given_stays_and_so_do_the_bytes() -> None:
    content = b"# mine\ninstance-id: a\n"

    assert metadata.with_instance_id(content, "b") == content
    assert metadata.instance_id(content) == "a"


def test_meta_data_without_an_instance_id_get_one() -> None:
    content = metadata.with_instance_id(b"local-hostname: web\n", "b")

    assert content == b"instance-id: b\nlocal-hostname: web\n"
    assert metadata.instance_id(b"") == ""
