from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.catalogue.agents import ITEMS
from imagekit.testing.memory import File

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

AGENTS = {item.id: item for item in ITEMS}


def test_an_agent_that_minds_its_file_keeps_it_empty(debian: MemoryGuest) -> None:
    debian.add("/var/ossec/etc/client.keys", File("001 web any key\n", 0o640, 0, 998))
    AGENTS["wazuh"].reset(debian)
    found = debian.lstat("/var/ossec/etc/client.keys")

    assert (found.size, found.mode, found.gid) == (0, 0o640, 998)


def test_googles_agent_forgets_its_instance_and_keeps_its_settings(debian: MemoryGuest) -> None:
    debian.add(
        "/etc/default/instance_configs.cfg", "[Instance]\ninstance_id = 42\n[Daemons]\nclock_skew_daemon = true\n"
    )
    AGENTS["gce"].reset(debian)

    assert debian.read_file("/etc/default/instance_configs.cfg") == b"[Instance]\n[Daemons]\nclock_skew_daemon = true\n"


def test_certificates_go_with_the_folders_below_and_the_agent_keeps_its_own(debian: MemoryGuest) -> None:
    debian.add("/etc/puppetlabs/puppet/ssl/private_keys/web.pem", "x")
    debian.add("/etc/puppetlabs/puppet/puppet.conf", "x")
    AGENTS["puppet"].reset(debian)

    assert debian.find("/etc/puppetlabs/puppet") == ("/etc/puppetlabs/puppet/puppet.conf", "/etc/puppetlabs/puppet/ssl")


def test_whoever_enrols_a_clone_is_named(debian: MemoryGuest) -> None:
    assert {AGENTS[name].returns(debian) for name in ("rhsm", "suse", "chef")} == {
        "whoever enrols the clone gives it one"
    }
