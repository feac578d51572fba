from __future__ import annotations

import stat
import time

from imagekit.events import Notice
from imagekit.farm.joblog import JobLog, Tail, read_log


def test_a_log_has_one_document_a_line_each_with_its_time(tmp_path) -> None:
    before, log = time.time(), JobLog(tmp_path / "a.jsonl")

    log.event(Notice("two\nlines"))
    log.write({"event": "Outcome", "state": "done"})

    documents = read_log(tmp_path / "a.jsonl")
    assert [document["event"] for document in documents] == ["Notice", "Outcome"]
    assert documents[0]["text"] == "two\nlines"
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 2
    assert all(before - 1 <= document["at"] <= time.time() + 1 for document in documents)


def test_a_log_is_for_its_user_alone(tmp_path) -> None:
    JobLog(tmp_path / "a.jsonl").event(Notice("x"))

    assert stat.S_IMODE((tmp_path / "a.jsonl").stat().st_mode) == 0o600


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path) -> None:
    JobLog(tmp_path / "missing" / "a.jsonl").event(Notice("x"))

    assert read_log(tmp_path / "missing" / "a.jsonl") == []


def test_a_tail_has_only_what_came_after_it_began(tmp_path) -> None:
    path = tmp_path / "a.jsonl"
    JobLog(path).event(Notice("of an earlier run"))
    tail = Tail(path)

    assert tail.new() == []
    JobLog(path).event(Notice("one"))
    JobLog(path).event(Notice("two"))
    assert [document["text"] for document in tail.new()] == ["one", "two"]
    assert tail.new() == []


def test_a_tail_waits_for_the_end_of_a_line(tmp_path) -> None:
    path = tmp_path / "a.jsonl"
    tail = Tail(path)
    with path.open("w") as opened:
        opened.write('{"event": "No')
        opened.flush()
        early = tail.new()
        opened.write('tice"}\n')

    assert early == []
    assert tail.new() == [{"event": "Notice"}]


def test_lines_that_are_no_documents_are_passed_over(tmp_path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xff\xfe\n[1]\nrubbish\n\n{"event": "Notice"}\n{"cut')

    assert read_log(path) == [{"event": "Notice"}]


def test_a_line_without_end_does_not_hold_up_what_follows(tmp_path) -> None:
    path = tmp_path / "a.jsonl"
    tail = Tail(path)
    path.write_bytes(b"x" * (3 << 20) + b'\n{"event": "Notice"}\n')

    assert [document for _ in range(5) for document in tail.new()] == [{"event": "Notice"}]
