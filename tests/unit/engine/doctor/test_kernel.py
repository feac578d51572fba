from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imagekit.engine.doctor.kernel import check_kernel

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from imagekit.engine.doctor.host import Host


def add(host: Host, version: str, *, modules: bool = True) -> Path:
    kernel = host.boot / f"vmlinuz-{version}"
    kernel.touch()
    if modules:
        (host.modules / version / "kernel").mkdir(parents=True)
    return kernel


def test_without_a_kernel_the_package_is_named(bare: Host) -> None:
    check = check_kernel(bare)

    assert (check.state, check.fix) == ("fail", "apt-get install linux-image-amd64")


def test_a_kernel_without_its_modules_is_of_no_use(bare: Host) -> None:
    add(bare, "6.1.0-9", modules=False)

    check = check_kernel(bare)

    assert check.state == "fail"
    assert "6.1.0-9: without modules" in check.detail


def test_the_newest_with_modules_is_the_one_that_is_taken(bare: Host) -> None:
    add(bare, "6.1.0-9")
    add(bare, "6.1.0-56")
    add(bare, "6.12.0-1", modules=False)

    check = check_kernel(bare)

    assert (check.state, check.detail) == ("ok", str(bare.boot / "vmlinuz-6.1.0-56"))


def test_a_kernel_beside_its_modules_counts(bare: Host) -> None:
    (bare.modules / "6.9" / "kernel").mkdir(parents=True)
    (bare.modules / "6.9" / "vmlinuz").touch()

    assert check_kernel(bare).state == "ok"


def test_a_kernel_that_only_root_can_read_comes_with_both_commands(bare: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = add(bare, "6.1.0-9")
    monkeypatch.setattr(os, "access", lambda path, _mode: path != kernel)  # root may read whatever its mode is

    check = check_kernel(bare)

    assert check.state == "fail"
    assert f"chmod 0644 {kernel}" in check.fix
    assert "dpkg-statoverride" in check.fix
