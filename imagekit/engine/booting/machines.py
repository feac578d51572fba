"""The lab of real machines: clones as overlays under qemu, read by the product's own session."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.engine.booting.compare import subject_of
from imagekit.engine.booting.firmware import Wanted, firmware_of
from imagekit.engine.booting.lab import Template
from imagekit.engine.booting.sight import needs, see
from imagekit.engine.errors import ForeignMachine
from imagekit.engine.opened import opened, stage
from imagekit.guest.errors import GuestError
from imagekit.identity.catalogue import load_catalogue
from imagekit.images.info import inspect_image
from imagekit.images.overlay import create_overlay
from imagekit.images.seed import write_seed_iso
from imagekit.system import cloudinit
from imagekit.vm.boot import boot
from imagekit.vm.firmware import find_ovmf
from imagekit.vm.machine import Drive, Flash, Machine
from imagekit.vm.planting import Unplantable, plant

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.appliance.session import Settings
    from imagekit.engine.booting.hardware import Clone
    from imagekit.engine.booting.sight import Sight
    from imagekit.engine.opened import Opened
    from imagekit.engine.options import Options
    from imagekit.events import OnEvent
    from imagekit.images.info import ImageInfo
    from imagekit.images.workspace import Workspace
    from imagekit.vm.boot import BootResult

_RUNNABLE = frozenset({"x86_64", "i686"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants of the clones.

    Attributes:
        seed: give each clone a seed, if the guest has cloud-init to read it.
        firmware: ``auto`` for what the image has.
    """

    seed: bool = True
    firmware: Wanted = "auto"


@dataclass(frozen=True, slots=True)
class QemuLab:
    """Clones of one checked image, in one workspace."""

    info: ImageInfo
    workspace: Workspace
    settings: Settings
    options: Options
    wish: Wish
    on_event: OnEvent
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    trial: str = field(default_factory=lambda: secrets.token_hex(4))

    def prepare(self) -> Template:
        """Look at the image, and plant the probe in the overlay that all clones share.

        Raises:
            ForeignMachine: the guest is for another processor.
            FirmwareMissing: it boots by UEFI, and the host has none.
            ImagekitError: it cannot be opened.
        """
        with opened(self.info, self.workspace, self.settings, self.options, self.on_event) as image:
            template = self._planted(image)
            with stage("stop appliance", self.on_event):
                image.session.shutdown()
        image.overlay.rename(self._planted_path)
        return template

    def _planted(self, image: Opened) -> Template:
        guest, mute = image.guest, ""
        if guest.facts.arch not in _RUNNABLE:
            raise ForeignMachine(guest.facts.arch)
        firmware = firmware_of(image, self.wish.firmware)
        if firmware == "uefi":
            find_ovmf()
        sight = see(guest, self.key)
        seeded = self.wish.seed and cloudinit.is_active(guest)
        items = load_catalogue()
        subjects = tuple(subject_of(item, needed=needs(guest, item), seeded=seeded) for item in items)
        with stage("plant probe", self.on_event):
            try:
                plant(guest)
            except (Unplantable, GuestError) as reason:
                mute = f"no probe could be put into an overlay: {reason}"
        return Template(guest.facts, sight, subjects, firmware, image.session.accelerator, seeded, mute)

    def start(self, clone: Clone, template: Template, *, seconds: float) -> BootResult:
        """Run a clone until it is off.

        Raises:
            MachineDied: qemu could not run it.
        """
        disk = self._disk(clone)
        if not disk.exists():
            self._make(clone, template)
        seed = self._seed(clone)
        drives = (Drive(disk, "qcow2"), *((Drive(seed, "raw", read_only=True),) if seed.exists() else ()))
        variables = self._variables(clone)
        machine = Machine(
            drives=drives,
            mac=clone.hardware.mac,
            uuid=clone.hardware.uuid,
            serial=clone.hardware.serial,
            accelerator=template.accelerator,
            flash=Flash(find_ovmf().code, variables) if variables.exists() else None,
        )
        return boot(machine, deadline=seconds)

    def look(self, clone: Clone) -> Sight:
        """Look at a clone's disk offline, through one more overlay, in a session of its own.

        Raises:
            ImageError: its file systems cannot be read.
        """
        info = self._info(self._disk(clone))
        with opened(info, self.workspace, self.settings, self.options, self.on_event, readonly=True) as image:
            sight = see(image.guest, self.key, clone.hardware)
        image.overlay.unlink()
        return sight

    def _make(self, clone: Clone, template: Template) -> None:
        """Make a clone's disk, its seed, and its firmware's variables."""
        create_overlay(self._info(self._planted_path), self._disk(clone))
        if template.seeded:
            meta_data = f"instance-id: imagekit-{self.trial}-{clone.name}\nlocal-hostname: {clone.name}\n"
            write_seed_iso(self._seed(clone), user_data=b"#cloud-config\n{}\n", meta_data=meta_data.encode())
        if template.firmware == "uefi":
            shutil.copyfile(find_ovmf().variables, self._variables(clone))

    def _info(self, overlay: Path) -> ImageInfo:
        """Check an overlay of ours, which a guest may have written to, over the image and what that builds on."""
        allowed = (self.info.path, *self.info.backing, self.workspace.path, *self.options.allow_backing)
        return inspect_image(overlay, format="qcow2", allow_backing=allowed)

    @property
    def _planted_path(self) -> Path:
        return self.workspace.path / "planted.qcow2"

    def _disk(self, clone: Clone) -> Path:
        return self.workspace.path / f"{clone.name}.qcow2"

    def _seed(self, clone: Clone) -> Path:
        return self.workspace.path / f"{clone.name}.seed.iso"

    def _variables(self, clone: Clone) -> Path:
        return self.workspace.path / f"{clone.name}.variables.fd"
