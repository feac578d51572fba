from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from imagekit_cli.bug import write_bug_log


def caught() -> BaseException:
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError("out of cheese \udcff")
    return raised.value


def test_the_log_has_traceback_and_versions_and_is_for_its_user_alone(tmp_path: Path) -> None:
    path = Path(write_bug_log(caught()))

    text = path.read_text()
    assert path.parent == tmp_path / "state" / "imagekit"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "in caught" in text
    assert "RuntimeError: out of cheese" in text
    assert "pydantic 2" in text
    assert "Python 3." in text


def test_where_the_user_has_no_folder_the_log_is_a_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert Path(write_bug_log(caught())).parent == tmp_path


def test_without_any_folder_there_is_no_log_and_no_second_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))

    assert write_bug_log(caught()) == ""
