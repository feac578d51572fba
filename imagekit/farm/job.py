"""One job of a farm, what it takes to run it anywhere, and how it ended."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from imagekit.engine.options import Options

_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

State = Literal["waiting", "running", "done", "failed", "interrupted", "skipped"]
"""``skipped``: not begun, since another failed and the farm was to stop then."""


class Job(BaseModel):
    """One image by one spec by one value of each variable of the matrix."""

    model_config = _CONFIG

    id: str
    """Unique in its farm, and fit for a file name: stems of image and spec, then the values."""
    image: Path
    """Absolute."""
    spec: Path
    """Absolute."""
    values: dict[str, Any] = Field(default_factory=dict)
    """Variables of the spec, as the matrix gives them."""
    output: Path
    """Absolute."""


class Task(BaseModel):
    """A job with everything that whoever runs it must know; it may travel to another machine with the same storage."""

    model_config = _CONFIG

    job: Job
    inputs: str
    """Digest of all that goes in; an output whose receipt has it is finished."""
    secrets: dict[str, str] = Field(default_factory=dict)
    """Sources that win over the spec's: ``env:VAR`` or ``file:PATH``; never a secret itself."""
    options: Options = Options()
    replace: bool = False
    """Whether an output that is there may be replaced: it is of an earlier run of this farm, or the user said so."""
    since: datetime | None = None
    """An output that was begun before this is not finished for us, whatever went into it."""
    log: Path
    """Where the events of the job are appended, one JSON document a line."""
    stop: Path
    """A file that asks everybody who runs a task of this farm to end; it is looked for while a job runs."""
    attempt: int = 1


class Outcome(BaseModel):
    """How a task ended."""

    model_config = _CONFIG

    job: str
    state: Literal["done", "failed", "interrupted"]
    reused: bool = False
    """The output was finished already, so nothing was done."""
    attempt: int = 1
    started: datetime
    seconds: float = 0.0
    host: str = ""
    """Name of the machine."""
    exit_status: int = 0
    """What the ``imagekit`` command would have exited with."""
    code: str = ""
    """Code of the error; "" if there was none."""
    cause: str = ""
    """Code of what made a step fail; "" if there was no such step."""
    message: str = ""
    why: str = ""
    fix: str = ""
    sha256: str = ""
    """Digest of the output."""
    size: int = 0
    """Bytes of the output."""
