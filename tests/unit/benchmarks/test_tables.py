from __future__ import annotations

import json

import pytest
from benchmarks.ratios import Result
from benchmarks.tables import between_markers, document, markdown_table, results_of, text_table, throughput

RESULTS = (
    Result("single", "", "the peers", (50.0, 55.0, 60.0), reference=True),
    Result("single", "", "imagekit, warm", (3.0, 3.3, 3.0)),
    Result("steps", "10 steps", "virt-customize", (20.0,), reference=True),
    Result("steps", "10 steps", "imagekit", (30.0,)),
)
MACHINE = {
    "cores": 2, "cpu": "Some CPU", "memory_gib": 8.0, "kernel": "6.1", "distribution": "Debian", "qemu": "7.2",
    "libguestfs": "1.48", "accelerator": "tcg",
}  # fmt: skip


def test_the_document_holds_every_round_and_the_ratios_made_of_them() -> None:
    made = document(RESULTS, MACHINE, 3)

    assert made["machine"] == MACHINE
    assert made["results"][0]["seconds"] == (50.0, 55.0, 60.0)
    assert "ratio" not in made["results"][0]
    assert made["results"][1]["ratio"] == {"min": 0.05, "median": 0.06, "max": 0.06}


def test_what_was_measured_comes_back_from_the_document() -> None:
    assert results_of(json.loads(json.dumps(document(RESULTS, MACHINE, 3)))) == RESULTS


def test_the_table_of_a_terminal_has_a_line_for_each_contender() -> None:
    head, theirs, ours, *_ = text_table(RESULTS).splitlines()

    assert head.split("  ")[0] == "measured"
    assert theirs.split() == ["one", "image", "the", "peers", "50.0", "55.0", "60.0"]
    assert ours.split() == ["one", "image", "imagekit,", "warm", "3.00", "3.00", "3.30", "0.050", "0.060", "0.060"]


def test_the_table_of_the_readme_has_a_row_for_each_comparison_and_names_the_machine() -> None:
    lines = markdown_table(document(RESULTS, MACHINE, 3)).splitlines()

    assert lines[2:4] == [
        "| one image | the peers | 55.0 | imagekit, warm | 3.00 | 0.050 / **0.060** / 0.060 |",
        "| write files, 10 steps | virt-customize | 20.0 | imagekit | 30.0 | 1.50 / **1.50** / 1.50 |",
    ]
    assert lines[4] == ""
    assert (
        "2 cores of Some CPU, 8.0 GiB of memory, Debian, Linux 6.1, QEMU 7.2, libguestfs 1.48, accelerator tcg"
        in lines[5]
    )


def test_only_what_is_between_the_markers_is_replaced() -> None:
    text = "above\n<!-- bench -->\nold\n<!-- /bench -->\nbelow\n"

    made = between_markers(text, "new")
    assert made == "above\n<!-- bench -->\nnew\n<!-- /bench -->\nbelow\n"
    assert between_markers(made, "new") == made


@pytest.mark.parametrize(
    "text",
    ["", "<!-- bench -->", "<!-- /bench --><!-- bench -->", "<!-- bench --><!-- bench --><!-- /bench -->"],
)
def test_without_one_pair_of_markers_nothing_is_replaced(text: str) -> None:
    with pytest.raises(ValueError, match="one <!-- bench -->"):
        between_markers(text, "new")


def test_farms_are_also_told_in_images_a_minute() -> None:
    results = [Result("batch", "4 images", "ours", (3.0, 2.0, 4.0)), Result("single", "", "ours", (6.0,))]

    assert throughput(results) == "ours: 20.0 images a minute"
