from __future__ import annotations

import inspect

import pytest

from imagekit.engine.booting.lab import Lab
from imagekit.engine.booting.machines import QemuLab


@pytest.mark.parametrize("verb", ["prepare", "start", "look"])
def test_the_lab_of_real_machines_takes_what_a_trial_gives(verb: str) -> None:
    asked, offered = (inspect.signature(getattr(kind, verb)).parameters for kind in (Lab, QemuLab))

    assert list(offered.items()) == list(asked.items())
