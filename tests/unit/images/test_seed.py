from __future__ import annotations

import io
import os
import stat
import time

import pycdlib
import pytest

from imagekit.images.seed import SeedTooLarge, seed_iso, write_seed_iso

FILES = {"user-data": b"#cloud-config\n", "meta-data": b"instance-id: one\n" * 300, "network-config": b""}


def read(image, **names):
    iso = pycdlib.PyCdlib()
    iso.open_fp(io.BytesIO(image))
    (kind, value), content = next(iter(names.items())), io.BytesIO()
    if kind == "label":
        return iso.pvd.volume_identifier.decode().strip()
    iso.get_file_from_iso_fp(content, **{kind: f"/{value}"})
    return content.getvalue()


def test_a_seed_has_the_label_that_cloud_init_looks_for():
    assert read(seed_iso(FILES), label=None) == "cidata"


@pytest.mark.parametrize("extension", ["rr_path", "joliet_path"])
@pytest.mark.parametrize("name", FILES)
def test_each_file_is_found_by_its_exact_name(extension, name):
    assert read(seed_iso(FILES), **{extension: name}) == FILES[name]


def test_the_same_input_makes_the_same_bytes_at_any_time_and_in_any_zone(monkeypatch):
    first = seed_iso(FILES)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    second = seed_iso(dict(reversed(FILES.items())))
    monkeypatch.undo()
    time.tzset()

    assert first == second


def test_a_seed_is_private_and_never_replaces_a_file(tmp_path):
    before = os.umask(0)
    write_seed_iso(tmp_path / "seed.iso", user_data=b"u", meta_data=b"m", vendor_data=b"v")
    os.umask(before)

    image = (tmp_path / "seed.iso").read_bytes()
    assert stat.S_IMODE((tmp_path / "seed.iso").stat().st_mode) == 0o600
    assert read(image, rr_path="vendor-data") == b"v"
    assert image == seed_iso({"user-data": b"u", "meta-data": b"m", "vendor-data": b"v"})
    with pytest.raises(FileExistsError):
        write_seed_iso(tmp_path / "seed.iso", user_data=b"", meta_data=b"")


def test_a_file_that_is_too_large_is_refused_by_name(tmp_path):
    with pytest.raises(SeedTooLarge, match="user-data"):
        write_seed_iso(tmp_path / "seed.iso", user_data=bytes((16 << 20) + 1), meta_data=b"")

    assert list(tmp_path.iterdir()) == []
