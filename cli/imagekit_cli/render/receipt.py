"""What ``customize`` did, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.wording import many, seconds, size
from imagekit_cli.lines import Line, columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.receipt import Receipt, StepRecord


def receipt_lines(receipt: Receipt, folder: Path, *, written: bool) -> Iterator[Line]:
    """Yield what a user wants to know: the image, its steps, who makes identities new, and where the record is.

    Args:
        receipt: of a finished build.
        folder: where the image is, as the user would name it.
        written: whether there is a receipt beside the image.
    """
    image = receipt.output
    assert image is not None  # noqa: S101  the receipt of a finished build has an output
    where = folder / image.name
    yield Line(f"{where}", "head")
    yield Line(
        f"  {image.format}, {size(image.size)} (a disk of {size(image.virtual_size)}), made in "
        f"{seconds(receipt.seconds)} with {receipt.appliance.accelerator.upper()}"
    )
    yield Line("steps", "head")
    for text in columns((_step(step) for step in receipt.steps), indent="  "):
        yield Line(text)
    for step in receipt.steps:
        for remark in step.remarks:
            yield Line(f"  note: {step.title}: {remark}", "changed")
    blank = [item for item in receipt.identities if item.state == "blank" and item.involved]
    if blank:
        yield Line("identities that are blank, so that every clone gets its own", "head")
    for text in columns(((item.id, item.returns or "nothing makes a new one") for item in blank), indent="  "):
        yield Line(text)
    if written:
        yield Line(f"receipt  {where}.receipt.json", "dim")


def _step(step: StepRecord) -> tuple[str, ...]:
    if step.skipped:
        return (str(step.position), step.title, "skipped", "", step.skipped)
    ran = f", {many(step.commands, 'guest program')}" if step.commands else ""
    mark = "~" if step.volatile else ""
    return (str(step.position), step.title, many(len(step.changes), "change") + ran, mark, seconds(step.seconds))
