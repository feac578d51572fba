from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from imagekit import process
from imagekit.process import Limits, ToolFailed, ToolMissing, clean_environment, run, spawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SH = "/bin/sh"


def test_a_tool_that_ends_well_returns_what_it_said() -> None:
    done = run([SH, "-c", "echo out; echo err >&2"])

    assert (done.status, done.stdout, done.stderr) == (0, "out\n", "err\n")


def test_what_is_no_text_is_shown_as_text_all_the_same() -> None:
    assert run([SH, "-c", r"printf 'a\377b'"]).stdout == "a\ufffdb"


def test_nothing_is_on_stdin() -> None:
    assert run(["/bin/cat"]).stdout == ""


def test_words_are_never_read_by_a_shell() -> None:
    assert run(["/bin/echo", "$HOME; *"]).stdout == "$HOME; *\n"


def test_a_failure_is_told_by_the_last_line_of_stderr() -> None:
    with pytest.raises(ToolFailed) as failed:
        run([SH, "-c", "echo ignored; echo first >&2; echo last >&2; exit 3"])

    assert (failed.value.tool, failed.value.status, failed.value.why) == ("sh", 3, "last")
    assert failed.value.message == "sh failed with status 3"


def test_a_failure_without_stderr_is_told_by_stdout() -> None:
    with pytest.raises(ToolFailed) as failed:
        run([SH, "-c", "echo said; exit 1"])

    assert failed.value.why == "said"


def test_a_failure_may_be_the_callers_own_business() -> None:
    assert run([SH, "-c", "exit 3"], check=False).status == 3


def test_a_tool_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path, ended: Callable[[int], bool]) -> None:
    noted = tmp_path / "pid"
    script = f"sleep 1000 & echo $! >{noted}.new; mv {noted}.new {noted}; wait"

    with pytest.raises(ToolFailed, match="took too long") as late:
        run([SH, "-c", script], limits=Limits(seconds=2), check=False)

    assert late.value.status is None
    assert ended(int(noted.read_text()))


def test_a_tool_that_is_not_there_is_named() -> None:
    with pytest.raises(ToolMissing) as missing:
        run(["no-such-tool-of-ours"])

    assert missing.value.tool == "no-such-tool-of-ours"
    assert "doctor" in missing.value.fix


def test_a_file_that_is_no_program_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")

    with pytest.raises(ToolMissing):
        run([tmp_path / "tool"])


def test_a_tool_lives_within_its_limits() -> None:
    limits = Limits(memory=1 << 30, cpu_seconds=7, file_size=1 << 20)
    said = run([SH, "-c", "ulimit -v; ulimit -t; ulimit -f; ulimit -c"], limits=limits).stdout.split()

    assert said == [str((1 << 30) // 1024), "7", str((1 << 20) // 512), "0"]


def test_a_limit_of_the_host_that_is_lower_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.resource, "getrlimit", lambda _: (4096, 4096))

    assert run([SH, "-c", "ulimit -f"], limits=Limits(file_size=1 << 20)).stdout == "8\n"


def test_what_steers_tools_from_outside_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIBGUESTFS_DEBUG", "PYTHONPATH", "LC_MESSAGES", "LANG", "LANGUAGE", "QEMU_AUDIO_DRV"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("KEPT_FOR_THE_TOOL", "yes")

    environment = clean_environment({"MORE": "1"})
    assert environment["KEPT_FOR_THE_TOOL"] == "yes"
    assert (environment["LC_ALL"], environment["MORE"]) == ("C.UTF-8", "1")
    assert not {"LIBGUESTFS_DEBUG", "PYTHONPATH", "LC_MESSAGES", "LANG", "LANGUAGE", "QEMU_AUDIO_DRV"} & set(
        environment
    )


def test_a_tool_is_in_a_process_group_of_its_own() -> None:
    child = spawn([SH, "-c", "exec sleep 1000"])
    try:
        assert os.getpgid(child.pid) == child.pid != os.getpgrp()
    finally:
        process.end(child)


def test_a_tool_dies_with_the_process_that_started_it(tmp_path: Path, ended: Callable[[int], bool]) -> None:
    script = "import sys; from imagekit.process import spawn;"
    script += (
        "sys.stdout.write(str(spawn(['/bin/sleep', '1000'], stdout=spawn.__globals__['subprocess'].DEVNULL).pid));"
    )
    script += "sys.stdout.flush(); import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    done = run([sys.executable, "-c", script], check=False)

    assert done.status == -signal.SIGKILL
    assert ended(int(done.stdout))


def test_ending_leaves_nothing_of_the_group_on_an_error() -> None:
    child = spawn(["/bin/sleep", "1000"])

    with pytest.raises(RuntimeError), process.ending(child):
        raise RuntimeError
    assert child.returncode == -signal.SIGKILL


def test_ending_a_child_that_no_longer_reads_is_no_error() -> None:
    child = spawn([SH, "-c", "exit 0"], stdin=process.PIPE)
    child.wait()
    assert child.stdin is not None
    with pytest.raises(BrokenPipeError):
        child.stdin.write(b"never read") and child.stdin.flush()

    process.end(child)
    assert child.stdin.closed


def test_no_tool_leaves_a_core_file() -> None:
    assert run([SH, "-c", "ulimit -c; ulimit -Hc"]).stdout == "0\n0\n"
