from __future__ import annotations

from imagekit.engine.validating import SpecReport
from imagekit.receipt import SourceRecord
from imagekit.steps import Step
from imagekit_cli.render.validation import validation_lines


def test_files_and_steps_are_told_with_their_marks() -> None:
    report = SpecReport(
        sources=(SourceRecord(file="a.yaml", sha256="0"), SourceRecord(file="b.yaml", sha256="1")),
        steps=(
            Step(id="run", position=1, kind="run", title="run true", phase="content", volatile=True, opaque=True),
            Step(id="machine-id", position=2, kind="machine-id", title="machine-id", phase="closing"),
        ),
    )

    assert [line.text for line in validation_lines(report)] == [
        "a.yaml, b.yaml: valid, 2 steps",
        "  1  run true    content  ~, runs guest programs",
        "  2  machine-id  closing",
    ]
