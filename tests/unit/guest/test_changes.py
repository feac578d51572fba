from __future__ import annotations

import pytest
from pydantic import ValidationError

from imagekit.guest.changes import Change, FileState, change_between, compare_trees, text_diff

OLD = FileState(kind="file", mode=0o644, uid=0, gid=0, size=3, sha256="aa")
NEW = FileState(kind="file", mode=0o600, uid=0, gid=0, size=4, sha256="bb")


def test_a_mode_is_written_as_four_octal_digits_and_read_back() -> None:
    document = OLD.model_dump(mode="json")

    assert document["mode"] == "0644"
    assert FileState.model_validate(document) == OLD
    assert FileState.model_validate({**document, "mode": "4755"}).mode == 0o4755
    assert FileState.model_json_schema()["properties"]["mode"]["type"] == "string"


def test_a_mode_that_is_not_octal_is_refused() -> None:
    with pytest.raises(ValidationError):
        FileState.model_validate({"kind": "file", "mode": "0844", "uid": 0, "gid": 0})


@pytest.mark.parametrize(
    ("before", "after", "action"), [(None, NEW, "created"), (OLD, NEW, "changed"), (OLD, None, "removed")]
)
def test_a_change_is_named_by_its_two_sides(before: FileState | None, after: FileState | None, action: str) -> None:
    change = change_between("/x", before, after)

    assert change is not None
    assert (change.action, change.before, change.after) == (action, before, after)


def test_equal_states_are_no_change() -> None:
    assert change_between("/x", None, None) is None
    assert change_between("/x", OLD, OLD.model_copy()) is None


def test_a_set_attribute_is_a_change_of_what_is_there() -> None:
    change = change_between("/x", OLD, OLD, attributes=("user.x",))

    assert change is not None
    assert (change.action, change.attributes) == ("changed", ("user.x",))
    assert change_between("/x", None, None, attributes=("user.x",)) is None


def test_a_concealed_change_tells_nothing_of_content() -> None:
    link = FileState(kind="symlink", mode=0o777, uid=0, gid=0, target="secret")
    change = Change(path="/x", action="changed", before=OLD, after=link, diff="secret").concealed()

    assert change.before == FileState(kind="file", mode=0o644, uid=0, gid=0)
    assert change.after == FileState(kind="symlink", mode=0o777, uid=0, gid=0)
    assert change.diff is None


def test_trees_are_compared_path_by_path_in_order() -> None:
    changes = compare_trees({"/c": OLD, "/b": OLD, "/same": OLD}, {"/b": NEW, "/a": NEW, "/same": OLD})

    assert [(change.path, change.action) for change in changes] == [
        ("/a", "created"),
        ("/b", "changed"),
        ("/c", "removed"),
    ]


def test_equal_trees_have_no_changes() -> None:
    assert compare_trees({"/x": OLD}, {"/x": OLD}) == ()


def test_a_text_diff_is_unified() -> None:
    assert text_diff("/etc/x", "a\nb\n", "a\nc\n") == "--- a/etc/x\n+++ b/etc/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"


def test_a_text_diff_tells_of_a_file_that_was_not_there_and_of_a_missing_newline() -> None:
    assert text_diff("/x", None, "a") == "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n"
    assert text_diff("/x", "a\n", None).startswith("--- a/x\n+++ /dev/null\n")
