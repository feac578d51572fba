from __future__ import annotations

from typing import get_args

import pytest

from imagekit.farm.report.looks import APPEARANCES, Paint, colours, tile
from imagekit.farm.report.model import Look

LEAST_CONTRAST = 4.5


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(paint: Paint) -> float:
    dark, light = sorted((luminance(paint.ink), luminance(paint.ground)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_is_right() -> None:
    assert contrast(Paint("#000000", "#ffffff")) == pytest.approx(21)
    assert contrast(Paint("#777777", "#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", get_args(Look))
def test_every_look_can_be_read_on_light_pages_and_on_dark_ones(look: Look) -> None:
    assert contrast(APPEARANCES[look].light) >= LEAST_CONTRAST
    assert contrast(APPEARANCES[look].dark) >= LEAST_CONTRAST


def test_looks_differ_by_sign_word_and_colour() -> None:
    for part in ("sign", "word", "light", "dark"):
        assert len({getattr(each, part) for each in APPEARANCES.values()}) == len(get_args(Look)), part


def test_colours_are_set_for_light_and_dark_pages() -> None:
    light, dark = colours().split("@media(prefers-color-scheme:dark)")

    assert ".failed{--sign:#ffffff;--ground:#b3261e}" in light
    assert ".failed{--sign:#ffffff;--ground:#b0302a}" in dark


def test_a_tile_says_its_look_in_a_sign_and_a_word() -> None:
    assert tile("failed") == '<span class="tile failed">✗ failed</span>'
