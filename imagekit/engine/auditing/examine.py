"""Look at one open guest: every identity, every flaw, and what could not be looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.engine.auditing.mending import reset, usable
from imagekit.engine.auditing.report import Finding, Unchecked, Use
from imagekit.engine.auditing.rules import severity_of, why_of
from imagekit.errors import ApplianceError, ImagekitError
from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.copies import copies_of
from imagekit.identity.flaw import CannotTell, Scene
from imagekit.identity.flaws import load_flaws
from imagekit.identity.glimpse import glimpse
from imagekit.receipt import IdentityRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.identity.flaw import Flaw, Sign
    from imagekit.identity.item import Item

_MACHINE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_LINUX = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "reiserfs", "vfat"})


@dataclass(slots=True)
class Examination:
    """What was found in one guest.

    Attributes:
        findings: what speaks against it.
        unchecked: what could not be told.
        identities: the state of each identity.
        prints: item id -> path -> what tells that identity from others; only compared, never told.
    """

    findings: list[Finding] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    identities: list[IdentityRecord] = field(default_factory=list)
    prints: dict[str, dict[str, str]] = field(default_factory=dict)


def examine(image: str, scene: Scene, use: Use, *, compare: bool = False) -> Examination:
    """Return what is to be said of a guest as an image of this use.

    Args:
        image: what findings call it.
        scene: the open guest.
        use: of a template identities are findings; of an instance they are not.
        compare: take prints, for a comparison with other images.

    Raises:
        ApplianceError: the appliance is gone, so nothing more can be looked at.
    """
    examiner = _Examiner(image, use, compare=compare)
    items = load_catalogue()
    scene = replace(scene, guest=glimpse(scene.guest, items))
    for item in items:
        examiner.item(scene.guest, item)
    if use == "template":
        examiner.copies(scene.guest, items)
    for flaw in load_flaws():
        if use in flaw.uses:
            examiner.flaw(scene, flaw)
    examiner.found.unchecked += _unseen(image, scene)
    return examiner.found


class _Examiner:
    """Looks for one rule after the other; what fails is noted, and the others go on."""

    def __init__(self, image: str, use: Use, *, compare: bool) -> None:
        self._image = image
        self._use = use
        self._compare = compare
        self.found = Examination()

    def item(self, guest: Guest, item: Item) -> None:
        """Look for one identity."""
        try:
            paths = item.detect(guest)
            recognised = item.recognise(guest) if paths else ""
            returns = "" if paths else item.returns(guest)
            prints = _prints(guest, paths, recognised) if self._compare and item.brands else {}
        except (ImagekitError, Problem) as error:
            self._missed(item.id, error)
            return
        state = "present" if paths else "blank"
        self.found.identities.append(IdentityRecord(id=item.id, state=state, returns=returns, recognised=recognised))
        self.found.prints.update({item.id: prints} if prints else {})
        if self._use == "template":
            self.found.findings += (finding_of(self._image, item, path, recognised) for path in paths)

    def copies(self, guest: Guest, items: tuple[Item, ...]) -> None:
        """Look for copies of identities inside the initramfs."""
        try:
            copies = copies_of(guest, items)
        except (ImagekitError, Problem) as error:
            self._missed("", error)
            return
        known = {item.id: item for item in items}
        for name, places in copies.items():
            for place in places:
                self.found.findings.append(finding_of(self._image, known[name], place))

    def flaw(self, scene: Scene, flaw: Flaw) -> None:
        """Look for one flaw."""
        try:
            for sign in flaw.find(scene):
                if isinstance(sign, CannotTell):
                    self._note(flaw.id, sign.reason, sign.path)
                else:
                    self.found.findings.append(_of_sign(self._image, flaw, sign))
        except (ImagekitError, Problem) as error:
            self._missed(flaw.id, error)

    def _missed(self, rule: str, error: ImagekitError | Problem) -> None:
        if isinstance(error, ApplianceError):
            raise error
        self._note(rule, error.message)

    def _note(self, rule: str, reason: str, path: str = "") -> None:
        self.found.unchecked.append(Unchecked(image=self._image, rule=rule, path=_told(path), reason=_told(reason)))


def finding_of(image: str, item: Item, path: str, recognised: str = "") -> Finding:
    """Return the finding that an identity is at a path of an image."""
    return Finding(
        rule=item.id,
        severity=severity_of(item),
        image=image,
        path=_told(path),
        message=f"in the image: {item.title}",
        why=why_of(item),
        fix=_reset_of(item),
        recognised=recognised,
        mend=(reset(item.id),),
        optional=not item.default,
    )


def _reset_of(item: Item) -> str:
    if item.default:
        return "reset it"
    return "reset it, unless it is meant to be in every clone" + (f": {item.why}" if item.why else "")


def _of_sign(image: str, flaw: Flaw, sign: Sign) -> Finding:
    path = _told(sign.path)
    return Finding(
        rule=flaw.id,
        severity=flaw.severity,
        image=image,
        path=path,
        message=_told(sign.message),
        why=flaw.why,
        fix=flaw.fix,
        mend=usable(sign.mend) if path == sign.path else (),
    )


def _told(text: str) -> str:
    """Return a path or a sentence without machine-ids: names of folders and boot entries hold one."""
    return _MACHINE_ID.sub("{machine-id}", text).encode("utf-8", "replace").decode()


def _prints(guest: Guest, paths: tuple[str, ...], recognised: str) -> dict[str, str]:
    """Return what tells each identity from others: its id for imagekit, else the digest of a file that is not empty."""
    if recognised:
        return {_told(paths[0]): recognised} if paths else {}
    files = (path for path in paths if guest.is_file(path) and guest.lstat(path).size)
    return {_told(path): guest.sha256(path) for path in files}


def _unseen(image: str, scene: Scene) -> Iterator[Unchecked]:
    """Yield each device that may hold something, and was not looked at."""
    for device in scene.devices:
        if not device.opened:
            reason = f"it is encrypted, and no key was given: --key {device.name}=file:PATH"
            yield Unchecked(image=image, path=device.name, reason=reason)
        elif device.type in _LINUX and device.mountpoint is None:
            reason = f"the guest does not mount this {device.type} file system, so nothing in it was looked at"
            yield Unchecked(image=image, path=device.name, reason=reason)
