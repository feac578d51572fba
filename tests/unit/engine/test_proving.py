from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imagekit.engine import proving
from imagekit.engine.auditing.proof import prove_audit
from imagekit.engine.booting.report import BootReport
from imagekit.engine.errors import ClonesUnfit, CloneUndecided
from imagekit.engine.options import Options
from imagekit.engine.proving import PROOFS, prove, prove_boot
from imagekit.events import silent
from imagekit.guest.facts import Facts

IMAGE = Path("finished")


@pytest.fixture
def verdict(monkeypatch: pytest.MonkeyPatch) -> Any:
    def is_(verdict: Any) -> None:
        report = BootReport(
            image="a",
            guest=Facts(),
            firmware="bios",
            accelerator="tcg",
            verdict=verdict,
            why="something",
            seconds=1,
        )
        monkeypatch.setattr(proving, "boot", lambda image, **_: report)

    return is_


def test_clones_that_pass_prove_an_image(verdict: Any) -> None:
    verdict("passed")

    prove_boot(IMAGE, Options(), silent)


@pytest.mark.parametrize(("said", "error", "status"), [("failed", ClonesUnfit, 5), ("undecided", CloneUndecided, 6)])
def test_clones_that_do_not_are_an_error_with_what_was_found(
    verdict: Any, said: str, error: type[Exception], status: int
) -> None:
    verdict(said)

    with pytest.raises(error, match="nothing was published: something") as raised:
        prove_boot(IMAGE, Options(), silent)

    assert raised.value.exit_status == status  # type: ignore[attr-defined]
    assert raised.value.findings == ("something",)  # type: ignore[attr-defined]


def test_findings_are_in_the_document_of_the_error() -> None:
    assert ClonesUnfit(("a", "b")).document()["findings"] == ["a", "b"]


def test_proofs_are_carried_out_in_their_order_until_one_objects() -> None:
    seen = []

    def proof(name: str, *, objects: bool = False) -> Any:
        def look(image: Path, *_: Any) -> None:
            seen.append((name, image))
            if objects:
                raise ClonesUnfit(())

        return look

    with pytest.raises(ClonesUnfit):
        prove(IMAGE, proofs=(proof("a"), proof("b", objects=True), proof("c")))
    assert seen == [("a", IMAGE), ("b", IMAGE)]


def test_an_image_is_audited_before_clones_of_it_are_booted_for_that_takes_the_longest() -> None:
    assert (prove_audit, prove_boot) == PROOFS
