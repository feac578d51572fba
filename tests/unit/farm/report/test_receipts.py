from __future__ import annotations

from datetime import UTC, datetime

import pytest

from imagekit.farm.report import receipts
from imagekit.farm.report.model import Passage
from imagekit.guest.changes import Change
from imagekit.guest.facts import Facts
from imagekit.receipt import ApplianceRecord, ImageRecord, Receipt, StepRecord, Versions


def image(name: str, sha256: str) -> ImageRecord:
    return ImageRecord(name=name, format="qcow2", size=3 << 20, virtual_size=2 << 30, sha256=sha256 * 64)


def step(position: int, title: str, *paths: str, skipped: str = "", remarks: tuple[str, ...] = ()) -> StepRecord:
    changes = tuple(Change(path=path, action="removed") for path in paths)
    return StepRecord(
        id=title, position=position, kind="run", title=title, phase="content", seconds=1.5, changes=changes,
        skipped=skipped, remarks=remarks,
    )  # fmt: skip


@pytest.fixture
def receipt() -> Receipt:
    return Receipt(
        versions=Versions(imagekit="0.1.0", libguestfs="1.48.6", python="3.11.2"),
        started=datetime(2026, 3, 1, tzinfo=UTC),
        seconds=72,
        base=image("base.qcow2", "a"),
        spec={},
        guest=Facts(name="Debian GNU/Linux 12 (bookworm)", arch="x86_64"),
        steps=(step(1, "one", "/a", "/b"), step(2, "two", skipped="no sshd"), step(3, "three", "/c", remarks=("odd",))),
        appliance=ApplianceRecord(accelerator="tcg", warm=True, launch_seconds=6.5, memory=1024, cpus=1),
        output=image("web.qcow2", "b"),
    )


def test_a_receipt_is_told_in_short(receipt: Receipt) -> None:
    assert receipts.facts_of(receipt).rows == (
        ("base", "base.qcow2, qcow2, 3.0 MiB (a disk of 2.0 GiB)"),
        ("base sha256", "a" * 64),
        ("guest", "Debian GNU/Linux 12 (bookworm), x86_64"),
        ("steps", "2 steps, 1 skipped, 3 changes"),
        ("output", "web.qcow2, qcow2, 3.0 MiB (a disk of 2.0 GiB)"),
        ("output sha256", "b" * 64),
        ("appliance", "TCG, resumed in 6.5 s"),
        ("made with", "imagekit 0.1.0, libguestfs 1.48.6"),
    )


def test_what_the_author_should_know_is_told(receipt: Receipt) -> None:
    assert receipts.facts_of(receipt).remarks == ("three: odd",)


def test_the_steps_stand_in_for_a_log_that_is_gone(receipt: Receipt) -> None:
    assert receipts.passages_of(receipt) == (Passage("one", 1.5, 2), Passage("three", 1.5, 1))


def test_a_receipt_is_read_back_as_it_was_written(receipt: Receipt) -> None:
    assert receipts.read_receipt(receipt.text().encode()) == receipt


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b'{"version": 2}'])
def test_what_is_no_receipt_is_none(text: bytes) -> None:
    assert receipts.read_receipt(text) is None
