"""The contract of a Guest, as pytest classes: subclass them and give a fixture ``guest``.

``GuestContract`` takes a writable guest that may be empty and shared between tests: each test works below a
directory of its own. ``CommandContract`` takes a guest that has ``/bin/sh``. A suite of this kind is only as good
as its failure messages: ``pytest.register_assert_rewrite("imagekit.testing.contract")`` in a conftest turns them on.
"""

from imagekit.testing.contract.change import ChangeContract
from imagekit.testing.contract.command import CommandContract
from imagekit.testing.contract.links import LinkContract
from imagekit.testing.contract.look import LookContract
from imagekit.testing.contract.move import MoveContract
from imagekit.testing.contract.names import NameContract

__all__ = ["CommandContract", "GuestContract"]


class GuestContract(LookContract, ChangeContract, MoveContract, LinkContract, NameContract):
    """Every verb of a Guest but ``command``, and every trap that was found in one."""
