"""Which interpreter of this host can import the guestfs binding.

Distributions compile the binding for their own Python only (Debian: ``/usr/bin/python3``), so imagekit, which may
live under any Python, asks rather than imports.
"""

from __future__ import annotations

import functools
import sys

from imagekit.appliance.errors import BindingMissing
from imagekit.process import Limits, ToolFailed, ToolMissing, run

_PROBE = "import guestfs; print(guestfs.__file__)"


def candidates() -> tuple[str, ...]:
    """Return the interpreters worth asking, the likeliest first."""
    return tuple(dict.fromkeys(("/usr/bin/python3", "/usr/libexec/platform-python", sys.executable)))


@functools.cache
def find_interpreter() -> str:
    """Return the path of a Python that can import guestfs.

    Raises:
        BindingMissing: none can.
    """
    for interpreter in candidates():
        try:
            if run([interpreter, "-I", "-c", _PROBE], limits=Limits(seconds=30), check=False).status == 0:
                return interpreter
        except (ToolMissing, ToolFailed):
            continue
    raise BindingMissing(candidates())
