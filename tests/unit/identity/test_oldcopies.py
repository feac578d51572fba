from __future__ import annotations

import pytest

from imagekit.identity.oldcopies import holds_accounts
from imagekit.testing.memory import MemoryGuest

HASH = "$y$j9T$pntF3.0kSsLO7dUA46ev70$5Et1FIQT.QbpAbkvnQwYzgNKr3mevJ87a2ovoPzAMz9"
NOW = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/srv/ada:/bin/sh\n",
    "/etc/group": "root:x:0:\nada:x:1000:\n",
    "/etc/shadow": "root:*:1::::::\nada:!:1::::::\n",
    "/etc/subuid": "ada:100000:65536\n",
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/shadow-", f"root:{HASH}:1::::::\n"),
        ("/var/backups/shadow.bak", f"root:{HASH}:1::::::\n"),
        ("/etc/gshadow-", f"root:{HASH}::\n"),
        ("/etc/passwd-", f"root:{HASH}:0:0::/root:/bin/sh\n"),
        ("/etc/passwd-", "bob:x:1001:1001::/srv/bob:/bin/sh\n"),
        ("/etc/group-", "bob:x:1001:\n"),
        ("/etc/subuid-", "bob:165536:65536\n"),
    ],
)
def test_a_hash_and_the_name_of_somebody_who_is_gone_are_told(path: str, text: str) -> None:
    assert holds_accounts(MemoryGuest({**NOW, path: text}), path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/shadow-", "root:*:1::::::\nada:!:1::::::\nsystemd-network:!*:1::::::\nsshd:!!:1::::::\n"),
        ("/etc/shadow-", "bob:!:1::::::\n"),
        ("/etc/gshadow-", "root:*::\nada:!::\n"),
        ("/etc/passwd-", NOW["/etc/passwd"]),
        ("/etc/passwd-", "messagebus:x:100:107::/nonexistent:/usr/sbin/nologin\n"),
        ("/etc/passwd-", "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"),
        ("/etc/group-", "crontab:x:101:\n"),
        ("/etc/subuid-", "ada:100000:65536\n"),
        ("/etc/subuid-", ""),
        ("/etc/passwd-", "odd\n:\n"),
    ],
)
def test_what_packages_leave_in_every_image_is_not(path: str, text: str) -> None:
    assert not holds_accounts(MemoryGuest({**NOW, path: text}), path)
