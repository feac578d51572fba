"""What every test may ask for."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("imagekit.testing.contract")
