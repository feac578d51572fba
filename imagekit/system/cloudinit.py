"""cloud-init inside a guest: whether it is there, where it looks for its data, what it was told by files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from imagekit.system import cloudswitch
from imagekit.system.text import read_text, write_text
from imagekit.system.yamltext import read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest

STATE = "/var/lib/cloud"
SEED = f"{STATE}/seed/nocloud"
CONFIG = "/etc/cloud/cloud.cfg"
CONFIG_FOLDER = "/etc/cloud/cloud.cfg.d"
_LIST = re.compile(r"^[^#\n]*?datasource_list[\"']*[ \t]*:[ \t]*(?P<value>[^#\n]*)", re.MULTILINE)
_FIXED = re.compile(r"^[ \t]*datasource:[ \t]*(?P<name>[A-Za-z0-9]+)", re.MULTILINE)
_PACKAGES = "/usr/{lib,lib64,local/lib}/python3*/{dist,site}-packages/cloudinit"


def is_installed(guest: Guest) -> bool:
    """Tell whether the guest has cloud-init now; the facts are of the time before the first step."""
    return guest.exists("/usr/bin/cloud-init") or guest.exists("/usr/sbin/cloud-init")


def is_active(guest: Guest) -> bool:
    """Tell whether cloud-init is installed and started at boot, as far as its marker file and runlevels say."""
    return is_installed(guest) and not guest.exists(cloudswitch.MARKER) and cloudswitch.is_started(guest)


def config_files(guest: Guest) -> tuple[str, ...]:
    """Return the files that cloud-init's own configuration is read from, the strongest last."""
    found = guest.glob_expand(f"{CONFIG_FOLDER}/*.cfg")
    return (CONFIG, *found) if guest.is_file(CONFIG, followsymlinks=True) else found


def datasources(guest: Guest) -> tuple[str, ...]:
    """Return the datasource list that ds-identify takes; () if that is its own default, which has all.

    The last ``datasource_list`` of all files counts. One over several lines is not understood, and the default
    taken (tools/ds-identify, check_config). A ``datasource:`` in ds-identify.cfg beats them all.
    """
    fixed = _FIXED.findall(read_text(guest, cloudswitch.DS_IDENTIFY))
    if fixed:
        return (fixed[-1],)
    lists = [found for path in config_files(guest) for found in _LIST.findall(read_text(guest, path))]
    value = lists[-1].strip() if lists else ""
    names = value.strip("[]").split(",") if value.startswith("[") and value.endswith("]") else []
    return tuple(name.strip().strip("'\"") for name in names if name.strip())


def knows_datasource(guest: Guest, name: str) -> bool:
    """Tell whether the guest's own cloud-init has a datasource; True as well where its modules are not found."""
    modules = guest.glob_expand(f"{_PACKAGES}/sources/DataSource*.py")
    return not modules or any(path.endswith(f"/DataSource{name}.py") for path in modules)


def datasource_names(guest: Guest) -> tuple[str, ...]:
    """Return the names of the datasources that the guest's own cloud-init brings."""
    modules = guest.glob_expand(f"{_PACKAGES}/sources/DataSource*.py")
    return tuple(path.rpartition("/DataSource")[2].removesuffix(".py") for path in modules)


def settings(guest: Guest, key: str) -> Iterator[tuple[str, Any]]:
    """Yield each configuration file that sets a top-level key, and the value; files that are no YAML set none."""
    for path in config_files(guest):
        text = read_text(guest, path)
        if key in text:
            document = read_mapping(text.encode("utf-8", "surrogateescape"))[0]
            if key in document:
                yield path, document[key]


def write_config(guest: Guest, name: str, text: str) -> None:
    """Write a file of cloud.cfg.d; ``99_`` sorts after what distributions ship there."""
    guest.mkdir_p(CONFIG_FOLDER)
    write_text(guest, config_path(name), text)


def config_path(name: str) -> str:
    """Return where ``write_config`` writes."""
    return f"{CONFIG_FOLDER}/99_imagekit_{name}.cfg"


def write_private(guest: Guest, path: str, text: str | bytes, mode: int) -> None:
    """Write a regular file, root's, with the given mode, whatever was there."""
    if guest.is_symlink(path):
        guest.rm_f(path)
    guest.write(path, text)
    if (guest.lstat(path).uid, guest.lstat(path).gid) != (0, 0):
        guest.chown(0, 0, path)
    guest.chmod(mode, path)
