from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from imagekit import process
from imagekit.appliance import worker
from imagekit.appliance.worker import Worker, decode, encode, refuse_what_crashes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GUESTFS = """
calls = []


class GuestFS:
    def __init__(self, **options):
        calls.append(("GuestFS", (), options))

    def version(self):
        return {"major": 1, "minor": 48, "release": 6, "extra": ""}

    def chatter(self):
        import os
        os.write(1, b"said by a library\\n")
        return "answered"

    def fail(self):
        raise RuntimeError("mount: é")

    def __getattr__(self, name):
        if name.startswith("_") or name == "no_such_verb":
            raise AttributeError(name)

        def record(*args, **options):
            calls.append((name, args, options))
            return {"name": name, "data": b"\\x00"}

        return record
"""
SETUP = {
    "backend_settings": ["force_tcg"],
    "hypervisor": "/run/x/qemu",
    "tmpdir": "/run/x",
    "cachedir": "/var/tmp",
    "memory": 1024,
    "cpus": 2,
    "network": False,
    "qemu_options": [["-qmp", "unix:/run/x/qmp,server=on,wait=off"], ["-sandbox", "on"]],
    "disks": [{"path": "/x/overlay", "format": "qcow2", "readonly": False, "discard": "besteffort"}],
}


@pytest.fixture
def guestfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, Any]]:
    """Put a binding on the path that does nothing; return the list of what it is asked."""
    (tmp_path / "guestfs.py").write_text(GUESTFS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delitem(sys.modules, "guestfs", raising=False)
    import guestfs as binding

    monkeypatch.setitem(sys.modules, "guestfs", binding)
    return binding.calls


@pytest.fixture
def asked(guestfs: list[Any]) -> Callable[..., dict[str, Any]]:
    """Ask a worker whose handle is open."""
    opened = Worker()
    opened.answer({"verb": "open", "args": [SETUP], "kwargs": {}})
    guestfs.clear()
    return lambda verb, *args, **kwargs: opened.answer({"verb": verb, "args": list(args), "kwargs": kwargs})


# What travels.
@pytest.mark.parametrize("value", [None, 1, True, "a", [], ["a", 1], b"\0\xff", [b"x", ["y", b"z"]]])
def test_what_is_encoded_is_decoded_to_the_same(value: object) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_a_mapping_keeps_its_names_and_its_bytes_are_text() -> None:
    assert encode({"a": b"\1", "b": ({"c": b""},)}) == {"a": {"b": "AQ=="}, "b": [{"c": {"b": ""}}]}


# What would end the process inside the binding.
@pytest.mark.parametrize("values", [[], ["a", 1, True, b"\0"], [["a", "é"]], [[]]])
def test_arguments_that_the_binding_takes_are_let_pass(values: list[Any]) -> None:
    assert refuse_what_crashes(values) is None


@pytest.mark.parametrize(
    "values", [[["a", 1]], [["a", None]], [["a", b"b"]], [["a", ["b"]]], [None], [1.5], [{}], ["a\0b"], [["a\0b"]]]
)
def test_arguments_that_would_end_the_process_are_refused(values: list[Any]) -> None:
    with pytest.raises(TypeError):
        refuse_what_crashes(values)


def test_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        refuse_what_crashes(["/etc/\udcff"])


# The requests.
def test_what_the_library_starts_makes_its_temporary_files_in_the_sessions_folder(guestfs: list[Any]) -> None:
    Worker().answer({"verb": "open", "args": [SETUP], "kwargs": {}})

    assert os.environ["TMPDIR"] == "/run/x"


def test_opening_says_everything_explicitly(guestfs: list[Any]) -> None:
    reply = Worker().answer({"verb": "open", "args": [SETUP], "kwargs": {}})

    assert reply["ok"]["version"] == "1.48.6"
    assert reply["ok"]["binding"].endswith("guestfs.py")
    assert guestfs == [
        ("GuestFS", (), {"python_return_dict": True, "environment": False}),
        ("set_backend", ("direct",), {}),
        ("set_backend_settings", (["force_tcg"],), {}),
        ("set_hv", ("/run/x/qemu",), {}),
        ("set_tmpdir", ("/run/x",), {}),
        ("set_cachedir", ("/var/tmp",), {}),
        ("set_memsize", (1024,), {}),
        ("set_smp", (2,), {}),
        ("set_network", (False,), {}),
        ("set_recovery_proc", (False,), {}),
        ("set_autosync", (True,), {}),
        ("set_verbose", (False,), {}),
        ("set_trace", (False,), {}),
        ("config", ("-qmp", "unix:/run/x/qmp,server=on,wait=off"), {}),
        ("config", ("-sandbox", "on"), {}),
        (
            "add_drive",
            ("/x/overlay",),
            {"format": "qcow2", "readonly": False, "cachemode": "writeback", "discard": "besteffort"},
        ),
    ]


def test_a_verb_gets_its_arguments_with_bytes_as_bytes(
    asked: Callable[..., dict[str, Any]], guestfs: list[Any]
) -> None:
    reply = asked("write", "/x", {"b": "AP8="}, deep=True)

    assert reply == {"ok": {"name": "write", "data": {"b": "AA=="}}}
    assert guestfs == [("write", ("/x", b"\0\xff"), {"deep": True})]


def test_what_the_binding_raises_goes_back_as_data(asked: Callable[..., dict[str, Any]]) -> None:
    assert asked("fail") == {"error": "mount: é", "type": "RuntimeError"}


def test_a_verb_that_is_not_there_is_an_answer_too(asked: Callable[..., dict[str, Any]]) -> None:
    assert asked("no_such_verb")["type"] == "AttributeError"


@pytest.mark.parametrize(("args", "kwargs"), [(([1],), {}), ((), {"name": None})])
def test_what_would_crash_never_reaches_the_binding(
    asked: Callable[..., dict[str, Any]], guestfs: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    assert asked("command", *args, **kwargs)["type"] == "TypeError"
    assert guestfs == []


def test_a_verb_before_the_handle_is_open_is_an_error_and_no_end() -> None:
    assert Worker().answer({"verb": "launch", "args": [], "kwargs": {}})["type"] == "AttributeError"


# The process.
@pytest.fixture
def served(tmp_path: Path) -> Callable[[list[dict[str, Any]]], tuple[list[dict[str, Any]], bytes, int]]:
    """Run the worker's main in a process of its own, with the phony binding, until its stdin ends."""
    (tmp_path / "guestfs.py").write_text(GUESTFS)
    code = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')"

    def serve(requests: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], bytes, int]:
        argv = [sys.executable, "-I", "-c", code, tmp_path, worker.__file__]
        child = process.spawn(argv, stdin=process.PIPE, stdout=process.PIPE, stderr=process.PIPE)
        with process.ending(child):
            lines = "".join(json.dumps(request) + "\n" for request in requests)
            out, err = child.communicate(lines.encode(), timeout=60)
        return [json.loads(line) for line in out.splitlines()], err, child.returncode

    return serve


def test_the_process_answers_each_line_and_ends_with_its_stdin(served: Callable[..., Any]) -> None:
    open_it = {"verb": "open", "args": [SETUP], "kwargs": {}}
    replies, err, status = served([open_it, {"verb": "fail", "args": [], "kwargs": {}}])

    assert [sorted(reply) for reply in replies] == [["ok"], ["error", "type"]]
    assert (err, status) == (b"", 0)


def test_what_a_library_prints_never_gets_between_the_answers(served: Callable[..., Any]) -> None:
    open_it = {"verb": "open", "args": [SETUP], "kwargs": {}}
    replies, err, _ = served([open_it, {"verb": "chatter", "args": [], "kwargs": {}}])

    assert replies[1] == {"ok": "answered"}
    assert err == b"said by a library\n"


def test_the_worker_needs_nothing_but_the_standard_library() -> None:
    code = "import sys, runpy; before = set(sys.modules); runpy.run_path(sys.argv[1], run_name='worker');"
    code += "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"

    assert process.run([sys.executable, "-I", "-S", "-c", code, worker.__file__]).stdout.strip() == ""
