"""A receipt in short. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from imagekit.farm.report.model import Passage, ReceiptFacts
from imagekit.receipt import Receipt
from imagekit.wording import many, seconds, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.receipt import ImageRecord


def read_receipt(text: bytes) -> Receipt | None:
    """Return a receipt; None if it is none, or of a release that knows more."""
    try:
        return Receipt.model_validate_json(text)
    except ValidationError:
        return None


def facts_of(receipt: Receipt) -> ReceiptFacts:
    """Return what a reader of many receipts looks for first."""
    return ReceiptFacts(tuple(_rows(receipt)), tuple(_remarks(receipt)))


def passages_of(receipt: Receipt) -> tuple[Passage, ...]:
    """Return the steps, for a job whose log is gone."""
    return tuple(Passage(step.title, step.seconds, len(step.changes)) for step in receipt.steps if not step.skipped)


def _rows(receipt: Receipt) -> Iterator[tuple[str, str]]:
    yield "base", f"{receipt.base.name}, {_form(receipt.base)}"
    yield "base sha256", receipt.base.sha256
    yield "guest", f"{receipt.guest.name or receipt.guest.distro}, {receipt.guest.arch}"
    ran = [step for step in receipt.steps if not step.skipped]
    left_out = f", {len(receipt.steps) - len(ran)} skipped" if len(ran) < len(receipt.steps) else ""
    yield "steps", f"{many(len(ran), 'step')}{left_out}, {many(sum(len(step.changes) for step in ran), 'change')}"
    if receipt.output:
        yield "output", f"{receipt.output.name}, {_form(receipt.output)}"
        yield "output sha256", receipt.output.sha256
    appliance = receipt.appliance
    started = "resumed" if appliance.warm else "booted"
    yield "appliance", f"{appliance.accelerator.upper()}, {started} in {seconds(appliance.launch_seconds)}"
    yield "made with", f"imagekit {receipt.versions.imagekit}, libguestfs {receipt.versions.libguestfs}"


def _remarks(receipt: Receipt) -> Iterator[str]:
    for step in receipt.steps:
        yield from (f"{step.title}: {remark}" for remark in step.remarks)


def _form(image: ImageRecord) -> str:
    return f"{image.format}, {size(image.size)} (a disk of {size(image.virtual_size)})"
