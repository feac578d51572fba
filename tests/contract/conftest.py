"""The real guest for the contract suites: one appliance for each test file, gone before the next file looks around."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit.engine.opened import checked, opened
from imagekit.engine.options import Options
from imagekit.events import silent
from imagekit.images.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.opened import Opened

BUILD = Path(__file__).parents[2] / "fixtures" / "build_image.py"


@pytest.fixture(scope="module", params=["warm", "cold"])
def open_debian(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    image = subprocess.run([sys.executable, BUILD, "debian-12"], check=True, stdout=subprocess.PIPE, text=True)
    base = Path(image.stdout.splitlines()[-1])
    options = Options(cold=request.param == "cold")
    with (
        Workspace.scratch(tmp_path_factory.mktemp("work")) as workspace,
        checked(base, options, silent) as info,
        opened(info, workspace, options.settings(network=True), options, silent) as debian,
    ):
        assert debian.session.warm is not options.cold
        yield debian
