"""Deleted secrets: what the raw bytes of a disk hold, and no file of the guest accounts for."""

from __future__ import annotations

import contextlib
import shlex
from typing import TYPE_CHECKING

from imagekit.appliance.look import BY_MESSAGE
from imagekit.appliance.texts import files_with
from imagekit.engine.auditing.examine import Examination
from imagekit.engine.auditing.mending import usable
from imagekit.engine.auditing.regions import described, hidden, mountpoint_of, region_at, regions_of, type_of
from imagekit.engine.auditing.report import Finding, Severity, Unchecked
from imagekit.engine.auditing.rules import DELETED
from imagekit.errors import ApplianceError, ImagekitError
from imagekit.guest import fstab
from imagekit.identity.secretscan import NEEDLES, scan
from imagekit.images.extents import data_of
from imagekit.images.flatten import flatten
from imagekit.images.overlay import create_overlay
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from imagekit.engine.opened import Opened
    from imagekit.guest.protocol import Guest
    from imagekit.identity.flaw import Scene
    from imagekit.identity.secretscan import Kind, Secret
    from imagekit.images.info import ImageInfo
    from imagekit.images.workspace import Workspace

_SEVERITIES: dict[Kind, Severity] = {"private key": "error", "token": "error", "password hash": "warning"}
"""A hash has to be tried before it opens anything."""
_MOST_TOLD = 100
FIX = "fill the free space with zeros and publish the image anew; giving free space back leaves what shares a cluster"
_FIX_OF_SWAP = "make the swap space anew with the same UUID: mkswap -U"


def deleted_secrets(name: str, image: Opened, scene: Scene, workspace: Workspace) -> Examination:
    """Return what is to be said of deleted secrets in the bytes of an open image, and what cannot be told of them.

    Args:
        name: what findings call the image.
        image: open, and mounted.
        scene: the same, as flaws see it.
        workspace: where the bytes of the disk are put for the time of the search.

    Raises:
        ApplianceError: the appliance is gone.
    """
    found = Examination(unchecked=list(_veiled(name, scene)))
    try:
        with _disk_of(image.info, workspace) as disk:
            secrets = _by_digest(scan(data_of(disk)))
        alive = _alive(image) if secrets else frozenset()
        regions = regions_of(image.session, image.info.virtual_size) if secrets else ()
    except (ImagekitError, OSError) as error:
        if isinstance(error, ApplianceError):
            raise
        reason = error.message if isinstance(error, ImagekitError) else f"cannot read the disk: {error.strerror}"
        found.unchecked.append(Unchecked(image=name, rule=DELETED.id, reason=reason))
        return found
    deleted = [places for digest, places in secrets.items() if digest not in alive]
    for places in deleted[:_MOST_TOLD]:
        told = _told(name, scene, region_at(regions, places[0].offset), places)
        if isinstance(told, Finding):
            found.findings.append(told)
        else:
            found.unchecked.append(told)
    if len(deleted) > _MOST_TOLD:
        reason = (
            f"the bytes of the disk hold {len(deleted)} secrets that no file holds; the first {_MOST_TOLD} are told"
        )
        found.unchecked.append(Unchecked(image=name, rule=DELETED.id, reason=reason))
    return found


def _told(name: str, scene: Scene, device: str, places: list[Secret]) -> Finding | Unchecked:
    first = places[0]
    where = f"{device or 'the disk'} at byte {first.offset}"
    doubt = hidden(scene, device)
    if doubt:
        return Unchecked(image=name, rule=DELETED.id, path=where, reason=f"a {first.kind} is in its bytes: {doubt}")
    more = f", and {len(places) - 1} times more" if len(places) > 1 else ""
    return Finding(
        rule=DELETED.id,
        severity=_SEVERITIES[first.kind],
        image=name,
        path=where,
        message=f"a {first.kind} that no file holds is in the bytes of the disk, {described(scene, device)}{more}",
        why=DELETED.why,
        fix=_FIX_OF_SWAP if type_of(scene, device) == "swap" else FIX,
        mend=_mend(mountpoint_of(scene, device)),
    )


def _mend(mountpoint: str) -> tuple[dict[str, object], ...]:
    """Return the item of a spec that overwrites the free space of a file system; customize gives it back then."""
    zeros = shlex.quote(f"{mountpoint.rstrip('/')}/imagekit-zeros")
    return usable(({"run": f"cat /dev/zero > {zeros}; sync; rm {zeros}"},) if mountpoint else ())


@contextlib.contextmanager
def _disk_of(info: ImageInfo, workspace: Workspace) -> Iterator[Path]:
    """Give the bytes of the disk as a file: a raw image is one, of another a sparse one is made for the time."""
    if info.format == "raw":
        yield info.path
        return
    overlay, disk = workspace.path / "bytes.qcow2", workspace.path / "bytes.raw"
    create_overlay(info, overlay)
    flatten(overlay, disk, format="raw")
    try:
        yield disk
    finally:
        disk.unlink()


def _by_digest(secrets: Iterable[Secret]) -> dict[str, list[Secret]]:
    found: dict[str, list[Secret]] = {}
    for secret in secrets:
        found.setdefault(secret.digest, []).append(secret)
    return found


def _alive(image: Opened) -> frozenset[str]:
    """Return the digests of the secrets that files of the guest hold. Files to swap to are none: nobody wrote them."""
    entries = fstab.parse(read_text(image.guest, "/etc/fstab"))
    swapped = {entry.spec for entry in entries if entry.vfstype == "swap"}
    paths = (path for path in files_with(image.session, NEEDLES) if path not in swapped)
    return frozenset(secret.digest for path in paths for secret in scan(_pieces(image.guest, path)))


def _pieces(guest: Guest, path: str) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while piece := guest.pread(path, BY_MESSAGE, offset):
        yield offset, piece
        offset += len(piece)


def _veiled(image: str, scene: Scene) -> Iterator[Unchecked]:
    """Yield what hides the bytes of deleted files from a search."""
    entries = fstab.parse(read_text(scene.guest, "/etc/fstab"))
    compressed = {e.file for e in entries if any(option.startswith("compress") for option in e.options)}
    for device in scene.devices:
        veil = "encrypted" if device.type == "crypto_LUKS" else "compressed" if device.mountpoint in compressed else ""
        if veil:
            reason = f"its bytes are {veil}, so what was deleted there cannot be searched for"
            yield Unchecked(image=image, rule=DELETED.id, path=device.name, reason=reason)
