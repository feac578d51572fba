from __future__ import annotations

from benchmarks.machine import cpu_model, memory_gib, version_in


def test_the_model_is_that_of_the_first_core() -> None:
    assert cpu_model("processor\t: 0\nmodel name\t: Some  CPU @ 2GHz\nmodel name\t: Other\n") == "Some CPU @ 2GHz"


def test_memory_is_told_in_gib() -> None:
    assert memory_gib("MemTotal:       16777216 kB\nMemFree: 1 kB\n") == 16.0
    assert memory_gib("") == 0.0


def test_a_version_is_found_in_what_a_tool_says_of_itself() -> None:
    assert version_in("QEMU emulator version 7.2.19 (Debian 1:7.2+dfsg-7)") == "7.2.19"
    assert version_in("virt-customize 1.48.4") == "1.48.4"
    assert version_in("nothing") == "unknown"
