from __future__ import annotations

import sys

from imagekit.images.inspector import format_inspector
from imagekit.process import run

FIRST = """
import sys
from imagekit.images.inspector import format_inspector
module = format_inspector()
assert "oslo_utils.strutils" not in sys.modules
assert format_inspector() is module
from oslo_utils.imageutils import QemuImgInfo, format_inspector as again
assert again is module
print(sorted(module.ALL_FORMATS))
"""


def test_it_is_the_inspector_of_openstack() -> None:
    from oslo_utils.imageutils import format_inspector as theirs

    assert format_inspector() is theirs


def test_its_neighbours_are_not_imported_and_can_be_later() -> None:
    assert "qcow2" in run([sys.executable, "-c", FIRST]).stdout
