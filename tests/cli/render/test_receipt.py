from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.receipt import IdentityRecord
from imagekit_cli.render.receipt import receipt_lines

if TYPE_CHECKING:
    from imagekit.receipt import Receipt


def test_a_user_learns_what_was_made_what_was_done_and_what_clones_get(receipt: Receipt) -> None:
    lines = [line.text for line in receipt_lines(receipt, Path("out"), written=True)]

    assert lines == [
        "out/base.web.qcow2",
        "  qcow2, 1.0 MiB (a disk of 2.0 GiB), made in 1 min 12 s with TCG",
        "steps",
        "  1  write-files 4 files  4 changes                      0.0 s",
        "  2  run true             0 changes, 1 guest program  ~  0.0 s",
        "  3  packages             skipped                        it is for rhel",
        "identities that are blank, so that every clone gets its own",
        "  machine-id  systemd makes one",
        "receipt  out/base.web.qcow2.receipt.json",
    ]


def test_where_no_receipt_was_written_none_is_named(receipt: Receipt) -> None:
    lines = [line.text for line in receipt_lines(receipt, Path(), written=False)]

    assert not any("receipt" in line for line in lines)


def test_an_image_whose_identities_stay_says_nothing_of_clones(receipt: Receipt) -> None:
    kept = receipt.model_copy(update={"identities": ()})

    assert not any("identities" in line.text for line in receipt_lines(kept, Path(), written=True))


def test_what_the_author_should_know_names_its_step(receipt: Receipt) -> None:
    step = receipt.steps[0].model_copy(update={"remarks": ("mind the seed",)})

    told = receipt_lines(receipt.model_copy(update={"steps": (step,)}), Path(), written=False)

    assert "  note: write-files 4 files: mind the seed" in [line.text for line in told]


def test_an_identity_that_was_only_looked_for_is_not_told(receipt: Receipt) -> None:
    there = IdentityRecord(id="machine-id", state="blank", returns="systemd makes one")
    never = IdentityRecord(id="tor", state="blank", involved=False, returns="tor makes them")

    told = receipt_lines(receipt.model_copy(update={"identities": (there, never)}), Path(), written=False)

    text = "\n".join(line.text for line in told)
    assert "machine-id  systemd makes one" in text
    assert "tor" not in text
