from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from imagekit.appliance import launching
from imagekit.appliance.launching import Attempt, patience
from imagekit.appliance.shim import ANSWER


# What the worker is told.
def test_every_option_is_told_to_the_worker(bench: Any) -> None:
    with bench.opened(memory=2048, cpus=2, network=True):
        pass
    (setup,) = map(json.loads, bench.noted("setups"))

    assert setup == {
        "backend_settings": ["force_kvm"],
        "hypervisor": str(bench.folder / "qemu"),
        "tmpdir": str(bench.folder),
        "cachedir": str(bench.folder),
        "memory": 2048,
        "cpus": 2,
        "network": True,
        "qemu_options": [
            ["-qmp", f"unix:{bench.folder}/qmp,server=on,wait=off"],
            ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
        ],
        "disks": [
            {
                "path": str(bench.folder / "disks" / "overlay"),
                "format": "qcow2",
                "readonly": False,
                "discard": "besteffort",
            },
            {"path": str(bench.folder / "seed"), "format": "raw", "readonly": True, "discard": "disable"},
        ],
    }


@pytest.fixture
def parts(bench: Any) -> launching.Bench:
    return launching.Bench(bench.settings(), bench.folder, bench.folder / "qemu-system", bench)


@pytest.mark.parametrize(("mode", "hypervisor"), [("cold", "qemu"), ("record", "qemu-warm"), ("resume", "qemu-warm")])
def test_each_way_to_launch_has_its_own_stand_in_for_qemu(parts: launching.Bench, mode: Any, hypervisor: str) -> None:
    assert parts.hypervisor(Attempt("tcg", 1.0, mode, root=Path("/own"))) == parts.runtime / hypervisor


def test_a_cold_launch_leaves_no_word_for_a_warm_one(bench: Any) -> None:
    with bench.opened() as opened:
        assert not opened.warm

    assert not (bench.folder / "warm.json").exists()
    assert bench.noted("verbs") == []


def test_how_long_a_launch_took_is_told(bench: Any) -> None:
    with bench.opened() as opened:
        assert opened.launch_seconds > 0


# What the shim answered.
def test_an_answer_is_read_as_it_was_given(parts: launching.Bench) -> None:
    (parts.runtime / ANSWER).write_text('{"outcome": "missing", "key": "k"}')

    assert parts.answer() == {"outcome": "missing", "key": "k"}


@pytest.mark.parametrize("content", [None, b"", b"\xff", b'{"outcome": "mis'])
def test_no_answer_or_half_of_one_says_nothing(parts: launching.Bench, content: bytes | None) -> None:
    if content is not None:
        (parts.runtime / ANSWER).write_bytes(content)

    assert parts.answer() == {}


# How long libguestfs may take before it starts anything.
def test_an_appliance_that_is_not_built_yet_is_given_time(
    parts: launching.Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "_SUPERMIN_SECONDS", 90.0)
    first = patience(parts.settings)
    built = parts.settings.cachedir / f".guestfs-{os.geteuid()}" / "appliance.d"
    built.mkdir(parents=True)
    (built / "root").touch()

    assert (first, patience(parts.settings)) == (90.0, 0.0)
