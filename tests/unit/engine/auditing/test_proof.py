from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.auditing import proof
from imagekit.engine.auditing.proof import NotFitToBeCloned, prove_audit
from imagekit.engine.options import Options
from imagekit.events import silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.auditing.report import AuditReport, Finding


def test_an_image_without_errors_stands_it(report: Callable[..., AuditReport], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(proof, "audit", lambda image, **more: asked.append((image, more)) or report())

    prove_audit(Path("a"), Options(memory=2048), silent)

    assert asked == [(Path("a"), {"options": Options(memory=2048), "on_event": silent})]


def test_errors_are_told_with_what_mends_them(
    report: Callable[..., AuditReport], finding: Callable[..., Finding], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = report(
        finding(),
        *(finding(path=f"/{number}") for number in range(6)),
        spec="version: 1\ntransforms:\n  - machine-id\n",
    )
    monkeypatch.setattr(proof, "audit", lambda *_, **__: found)

    with pytest.raises(NotFitToBeCloned) as raised:
        prove_audit(Path("a"), Options(), silent)

    error = raised.value
    assert error.exit_status == 5
    assert error.message == "the image is not fit to be cloned: 7 errors"
    assert error.why.startswith("machine-id at /etc/machine-id; ")
    assert error.why.endswith("; 2 more")
    assert error.fix == "add to the transforms of the spec:\n  - machine-id"
    assert len(error.document()["findings"]) == 7  # type: ignore[arg-type]
