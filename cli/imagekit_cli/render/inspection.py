"""The facts of an image, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.wording import many, size
from imagekit_cli.lines import Line, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.inspecting import Inspection
    from imagekit.guest.facts import Facts
    from imagekit.images.info import ImageInfo


def inspection_lines(found: Inspection) -> Iterator[Line]:
    """Yield the facts of the image, of the guest, and of the file systems."""
    yield Line(str(found.image.path), "head")
    for text in columns(_image(found.image), indent="  "):
        yield Line(text)
    yield Line("guest", "head")
    for text in columns(_guest(found.guest), indent="  "):
        yield Line(text)
    yield Line("file systems", "head")
    rows = ((each.mountpoint or "-", each.device, each.type, each.uuid, each.label) for each in found.filesystems)
    for text in columns(rows, indent="  "):
        yield Line(text)


def _image(image: ImageInfo) -> Iterator[tuple[str, str]]:
    yield "format", image.format + (f" {image.compat}" if image.compat else "")
    yield "disk", size(image.virtual_size)
    yield "file", f"{size(image.actual_size)} on the host"
    for path in image.backing:
        yield "builds on", str(path)
    if image.snapshots:
        yield "snapshots", f"{image.snapshots}, which a copy does not have"
    if image.leaked_clusters:
        yield "leaks", f"{many(image.leaked_clusters, 'cluster')} that nothing uses; harmless"


def _guest(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "system", facts.name or facts.distro
    release = " ".join(word for word in (facts.version, facts.codename) if word)
    yield "distro", f"{facts.distro} {release}".rstrip() + f", family {facts.family}"
    yield "hostname", facts.hostname or "-"
    yield "arch", facts.arch
    yield "init", facts.init
    yield "packages", facts.package_manager
    yield "network", facts.network_stack
    yield "boot loader", facts.boot_loader
    yield "kernels", ", ".join(facts.kernels) or "none"
    yield "cloud-init", "installed" if facts.cloud_init else "not installed"
    yield "SELinux", "enabled" if facts.selinux else "not enabled"
