"""The benchmarks are programs beside the tests: they are imported as ``python -m benchmarks`` finds them."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
# Last, so that they hide nothing.
sys.path += [str(TESTS), str(TESTS.parent / "fixtures")]
