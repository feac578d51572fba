"""Where the result of a build goes, and how it is written: what the caller says, else the spec, else the base."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.engine.errors import InPlaceRefused, OutputsUnsupported
from imagekit.images.flatten import CompressionRefused

if TYPE_CHECKING:
    from imagekit.images.flatten import Compression
    from imagekit.images.info import Format, ImageInfo
    from imagekit.spec import Spec


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller says of the output; None where that is left to the spec and the base."""

    output: str | Path | None = None
    format: Format | None = None
    compress: Compression | None = None
    thin: bool = False
    in_place: bool = False
    force: bool = False
    receipt: bool = True
    keep_failed: bool = False
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """How an output is written."""

    format: Format
    compression: Compression = "none"
    thin: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The output with everything decided."""

    path: Path
    format: Format
    compression: Compression
    wish: Wish

    @property
    def form(self) -> Form:
        """How it is written."""
        return Form(self.format, self.compression, self.wish.thin)


def decide_form(wish: Wish, base: Format, spec: Spec) -> Form:
    """Decide how the output is written, over a base of a format: what the caller says, else the spec, else the base.

    Raises:
        OutputsUnsupported: the spec has several outputs, or one of a format that cannot be made yet.
        CompressionRefused: a raw output was asked to be compressed or thin.
    """
    if len(spec.outputs) > 1:
        raise OutputsUnsupported("more than one output is not supported yet")
    asked = spec.outputs[0] if spec.outputs else None
    kind = wish.format or (asked.format if asked else base)
    if kind not in ("qcow2", "raw"):
        raise OutputsUnsupported(f"format {kind} is not supported yet")
    compression = wish.compress or (asked.compression if asked and kind == asked.format else "none")
    if kind == "raw" and (wish.thin or compression != "none"):
        raise CompressionRefused(kind, "a backing file" if wish.thin else compression)
    return Form(kind, compression, wish.thin)


def decide(wish: Wish, base: Path, info: ImageInfo, spec: Spec) -> Target:
    """Decide the output's name, format and compression.

    Raises:
        OutputsUnsupported, CompressionRefused: as ``decide_form``.
        InPlaceRefused: what was asked for cannot replace the base.
    """
    form = decide_form(wish, info.format, spec)
    if wish.in_place:
        if wish.thin:
            raise InPlaceRefused("a thin image needs the base that it would replace")
        if wish.output is not None:
            raise InPlaceRefused("an output has a name of its own")
        if form.format != info.format:
            raise InPlaceRefused(f"it would become {form.format} under its old name")
        return Target(info.path, info.format, form.compression, wish)
    path = Path(wish.output) if wish.output else default_name(base, info, spec, form.format)
    return Target(path, form.format, form.compression, wish)


def default_name(base: Path, info: ImageInfo, spec: Spec, kind: Format) -> Path:
    """Return ``<base stem>.<spec name or "customized">.<ext>``, in the current folder."""
    suffix = base.suffix if base.suffix and kind == info.format else f".{kind}"
    return Path(f"{base.stem}.{spec.name or 'customized'}{suffix}")
