from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from imagekit.guest.changes import Change, FileState
from imagekit.guest.facts import Facts
from imagekit.receipt import ApplianceRecord, ImageRecord, Receipt, StepRecord, Versions, conceal_ids

ID = "0123456789abcdef0123456789abcdef"
DASHED = "01234567-89ab-cdef-0123-456789abcdef"
IMAGE = ImageRecord(name="base.qcow2", format="qcow2", size=1, virtual_size=2, sha256="ab" * 32)


def receipt(**fields: object) -> Receipt:
    known: dict[str, object] = {
        "versions": Versions(imagekit="1", libguestfs="1.48.6", python="3.11.2"),
        "started": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "seconds": 1.5,
        "base": IMAGE,
        "spec": {},
        "guest": Facts(),
        "steps": (),
        "appliance": ApplianceRecord(accelerator="tcg", launch_seconds=20, memory=1024, cpus=1),
    }
    return Receipt.model_validate(known | fields)


def test_a_receipt_reads_back_as_it_was_written() -> None:
    state = FileState(kind="file", mode=0o644, uid=0, gid=0, size=1, sha256="cd" * 32)
    step = StepRecord(
        id="a",
        position=1,
        kind="run",
        title="run x",
        phase="content",
        changes=(Change(path="/x", action="created", after=state),),
    )
    written = receipt(steps=(step,), output=IMAGE, timings={"trim": 0.5})

    assert Receipt.model_validate_json(written.text()) == written
    assert json.loads(written.text())["steps"][0]["changes"][0]["after"]["mode"] == "0644"
    assert written.text().endswith("}\n")


@pytest.mark.parametrize("shape", [ID, ID.upper(), DASHED, DASHED.upper(), f"/var/log/journal/{ID}/system.journal"])
def test_a_machine_id_is_in_no_receipt_in_whatever_form_it_is_met(shape: str) -> None:
    changes = (Change(path=f"/boot/{shape}", action="created", diff=f"+{shape}\n"),)
    step = StepRecord(id="a", position=1, kind="run", title=shape, phase="content", changes=changes)
    text = receipt(steps=(step,), spec={"transforms": [{"run": shape}]}).text(frozenset({ID}))

    assert ID not in text.lower()
    assert DASHED not in text.lower()
    assert text.count("{machine-id}") == 4
    assert Receipt.model_validate_json(text).steps[0].changes[0].path.startswith("/boot/")


def test_what_is_no_machine_id_stays() -> None:
    assert conceal_ids("0123456789abcdef and " + ID[:-1], frozenset({ID})) == "0123456789abcdef and " + ID[:-1]
    assert conceal_ids("nothing known: " + ID, frozenset()) == "nothing known: " + ID


def test_every_known_machine_id_is_concealed() -> None:
    other = "f" * 32

    assert conceal_ids(f"{ID} {other}", frozenset({ID, other})) == "{machine-id} {machine-id}"


def test_a_receipt_of_another_version_is_not_read_as_ours() -> None:
    with pytest.raises(ValidationError):
        receipt(version=2)
    with pytest.raises(ValidationError):
        receipt(more="x")
