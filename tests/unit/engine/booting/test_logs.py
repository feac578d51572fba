from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.booting.logs import keep_logs, log_folder
from imagekit.engine.errors import CannotKeepLog

if TYPE_CHECKING:
    from pathlib import Path

ID = "0123456789abcdef0123456789abcdef"


def test_each_boot_has_a_log_of_its_own_for_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "logs"

    kept = keep_logs({("clone-1", 1): "a\n", ("clone-1", 2): "b\n"}, folder, frozenset())

    assert kept["clone-1", 2].name == "clone-1.boot-2.log"
    assert [path.read_text() for path in kept.values()] == ["a\n", "b\n"]
    assert {path.stat().st_mode & 0o777 for path in kept.values()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_machine_id_is_in_no_log(tmp_path: Path) -> None:
    (path,) = keep_logs({("clone-1", 1): f"id {ID.upper()}\n"}, tmp_path, frozenset({ID})).values()

    assert path.read_text() == "id {machine-id}\n"


def test_a_log_of_an_earlier_trial_is_replaced_and_no_link_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "clone-1.boot-1.log").symlink_to(target)

    keep_logs({("clone-1", 1): "new"}, tmp_path, frozenset())

    assert target.read_text() == "precious"
    assert (tmp_path / "clone-1.boot-1.log").read_text() == "new"


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotKeepLog, match="cannot keep the serial logs"):
        keep_logs({("clone-1", 1): ""}, tmp_path / "file", frozenset())


def test_logs_go_to_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    folder = log_folder("web.qcow2")

    assert folder.parent == tmp_path / "imagekit"
    assert folder.name.startswith("boot-web.qcow2-")
