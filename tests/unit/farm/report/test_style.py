from __future__ import annotations

import re

from imagekit.farm.report.style import STYLE


def test_the_style_loads_nothing() -> None:
    assert not re.search(r"url\(|@import|@font-face", STYLE)


def test_every_bracket_is_closed() -> None:
    assert STYLE.count("{") == STYLE.count("}")


def test_there_is_a_style_for_paper_and_for_phones() -> None:
    assert "@media print" in STYLE
    assert "@media(max-width:40rem)" in STYLE
