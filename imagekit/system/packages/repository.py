"""A repository that an image shall have: the fields, whatever the package manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from imagekit.hostfile import PathOrHostFile
from imagekit.system.text import write_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Url = Annotated[
    str,
    StringConstraints(
        pattern=r"^(https?|ftp|file|dir|cdrom|mirror\+https?)://[^\s\x00-\x1f\x7f]+$|^/[^\s\x00-\x1f\x7f]*$"
    ),
]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9./_$+~-]+$")]

_ARMOR = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"


class Repository(BaseModel):
    """One repository, and the key that its packages are signed with."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: Name
    """What its file or section is called, in letters, digits, dots, _ and -; one of that name is replaced."""
    url: Url
    """Where it is: a URL, or the path of a folder in the image. The package manager's own variables, such as $basearch or $repo, stay as they are."""
    suites: tuple[Word, ...] = ()
    """For apt: releases, such as bookworm or stable; a path that ends in a slash for a flat repository."""
    components: tuple[Word, ...] = ()
    """For apt: areas, such as main; none for a flat repository."""
    key: PathOrHostFile | None = None
    """A file of the host with the public key that signs it; without one, the keys that the image has must do."""
    trusted: bool = False
    """Take its packages without any signature."""

    @property
    def key_is_text(self) -> bool:
        """Whether the key is armored (RFC 9580), and not its bare bytes."""
        return self.key is not None and _ARMOR in self.key.content


def put(guest: Guest, path: str, text: str) -> None:
    """Write a file of a repository; its folder is made if it is not there."""
    guest.mkdir_p(path.rpartition("/")[0])
    write_text(guest, path, text)


def put_key(guest: Guest, path: str, repository: Repository) -> str:
    """Write a repository's key to a path; return that path, or "" if it has none."""
    if repository.key is None:
        return ""
    guest.mkdir_p(path.rpartition("/")[0])
    guest.write(path, repository.key.content)
    return path
