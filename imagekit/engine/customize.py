"""``customize``: apply specs to a copy of an image, and publish it whole or not at all."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from imagekit.appliance.accel import cache_folder
from imagekit.engine.beside import Beside
from imagekit.engine.build import Built, Mode, build, wants_network
from imagekit.engine.finishing import finish
from imagekit.engine.identities import check_names
from imagekit.engine.inputs import digest_of_inputs
from imagekit.engine.keep import keeping_failed
from imagekit.engine.opened import checked, opened, stage
from imagekit.engine.options import Options
from imagekit.engine.planning import expect
from imagekit.engine.proving import prove
from imagekit.engine.sources import as_spec
from imagekit.engine.target import Target, Wish, decide
from imagekit.engine.version import imagekit_version
from imagekit.events import Event, OnEvent, StageFinished, silent
from imagekit.images.digests import Digests
from imagekit.images.errors import ImageUnreadable
from imagekit.images.flatten import flatten
from imagekit.images.info import ImageInfo, recheck, sha256_file
from imagekit.images.publish import check_output, publish, publish_in_place, receipt_beside, write_receipt_file
from imagekit.images.workspace import Workspace
from imagekit.receipt import ApplianceRecord, ImageRecord, Receipt, SourceRecord, Versions
from imagekit.steps import make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.engine.planning import PlanReport
    from imagekit.images.info import Format
    from imagekit.spec import Spec


@dataclass(slots=True)
class _Clock:
    """Collects the seconds of each stage on its way to the caller's own listener."""

    listener: OnEvent
    seconds: dict[str, float] = field(default_factory=dict)

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageFinished):
            self.seconds[event.stage] = round(event.seconds, 3)
        self.listener(event)


def customize(
    base: str | Path,
    spec: Spec | str | Path | Sequence[str | Path],
    *,
    output: str | Path | None = None,
    format: Literal["qcow2", "raw"] | None = None,  # noqa: A002  the word of the command line
    compress: Literal["none", "zstd", "zlib"] | None = None,
    thin: bool = False,
    in_place: bool = False,
    force: bool = False,
    receipt: bool = True,
    keep_failed: bool = False,
    proven: bool = False,
    expected: PlanReport | None = None,
    options: Options | None = None,
    on_event: OnEvent = silent,
) -> Receipt:
    """Apply specs, in order, to a copy of ``base`` and publish the result with its receipt.

    Args:
        base: a qcow2 or raw image; it is byte-identical afterwards, but for a finished ``in_place``.
        spec: a Spec, or one or more YAML files.
        output: the image to make; ``<base stem>.<spec name or "customized">.<ext>`` in the current folder if None.
        format: of the output; the spec's, else that of ``base``, if None.
        compress: of a qcow2 output; the spec's, else none, if None.
        thin: keep ``base`` as the output's backing file.
        in_place: replace ``base`` by an atomic rename.
        force: replace an output that is there.
        receipt: write ``OUTPUT.receipt.json``, last of all.
        keep_failed: keep the overlay of a build that fails, mode 0600, beside the output.
        proven: publish only what ``prove`` has nothing against: it is audited, and clones of it are booted.
        expected: publish only if the changes are those of this plan.
        options: memory, time, network, keys.
        on_event: gets progress events.

    Raises:
        ImagekitError: of the family that must act; nothing was published, and nothing is left behind.
    """
    wish = Wish(output, format, compress, thin, in_place, force, receipt, keep_failed, proven)
    return _carry_out(Path(base), as_spec(spec), wish, options or Options(), _Clock(on_event), expected)


def _carry_out(
    base: Path, spec: Spec, wish: Wish, options: Options, clock: _Clock, expected: PlanReport | None
) -> Receipt:
    """Check the names in the spec and the base, decide the target, and run."""
    check_names(spec.keep_identity)
    with checked(base, options, clock, exclusive=wish.in_place) as info:
        target = decide(wish, base, info, spec)
        if not wish.in_place:
            check_output(target.path, info, force=wish.force)
        return _Run(spec, info, target, options, clock, expected).run()


@dataclass(frozen=True, slots=True)
class _Run:
    """One build, with everything decided."""

    spec: Spec
    info: ImageInfo
    target: Target
    options: Options
    clock: _Clock
    expected: PlanReport | None

    def run(self) -> Receipt:
        """Build, flatten, publish, and write the receipt last."""
        started, began = datetime.now(UTC), time.monotonic()
        output = self.target.path
        digest = Beside(lambda: Digests(cache_folder()).of(self.info.path))
        with Workspace.beside(output) as workspace:
            finished = workspace.path / "finished"
            with keeping_failed(workspace, output, wanted=self.target.wish.keep_failed, on_event=self.clock):
                built, appliance, version, sha256 = self._build(workspace, finished)
                self._prove(finished)
            recheck(self.info)
            made = self._image(output, finished, sha256)
            source = self._image(self.info.path, self.info.path, self._base_digest(digest), self.info.format)
            record = self._receipt(built, appliance, version, started, time.monotonic() - began, source, made)
            secret = any(step.secret and not step.skipped for step in built.steps)
            text = record.text(built.machine_ids)
            self._publish(workspace, finished, output, text, secret=secret)
        return Receipt.model_validate_json(text)

    def _prove(self, finished: Path) -> None:
        """Have the finished image proven, if that was asked for; one that builds on the base may."""
        if self.target.wish.proven:
            allowed = (*self.options.allow_backing, self.info.path)
            options = self.options.model_copy(update={"allow_backing": allowed})
            with stage("prove", self.clock):
                prove(finished, options=options, on_event=self.clock.listener)

    def _base_digest(self, digest: Beside[str]) -> str:
        """Wait for the base's digest, which was computed beside the build.

        Raises:
            ImageUnreadable: the file could not be read to its end.
        """
        with stage("digest of the base", self.clock):
            try:
                return digest.result()
            except OSError as error:
                raise ImageUnreadable(self.info.path, error.strerror or "I/O error") from error

    def _build(self, workspace: Workspace, finished: Path) -> tuple[Built, ApplianceRecord, str, str]:
        """Apply everything in a session, see that the file systems are clean, and write the image out."""
        outline = make_plan(self.spec)
        network = self.options.network and wants_network(outline)
        appliance = self.options.settings(network=network)
        with opened(self.info, workspace, appliance, self.options, self.clock) as image:
            built = build(image, outline, self.spec.keep_identity, Mode(), self.clock)
            if self.expected is not None:
                expect(self.expected, built)
            sha256 = finish(image, lambda: self._write(image.overlay, finished), self.clock)
            session = image.session
            record = ApplianceRecord(
                accelerator=session.accelerator,
                warm=session.warm,
                launch_seconds=round(session.launch_seconds, 3),
                memory=appliance.memory,
                cpus=appliance.cpus,
            )
            return built, record, session.version, sha256

    def _write(self, overlay: Path, finished: Path) -> str:
        """Write the overlay into a file of its own, and return that file's digest; the machine may still run."""
        finished.unlink(missing_ok=True)
        with stage("write image", self.clock, str(self.target.path)):
            flatten(
                overlay,
                finished,
                format=self.target.format,
                compression=self.target.compression,
                thin_over=self.info if self.target.wish.thin else None,
                in_use=True,
            )
        with stage("digests", self.clock):
            return sha256_file(finished)

    def _image(self, named: Path, file: Path, digest: str, kind: Format | None = None) -> ImageRecord:
        return ImageRecord(
            name=named.name,
            format=kind or self.target.format,
            size=file.stat().st_size,
            virtual_size=self.info.virtual_size,
            sha256=digest,
        )

    def _receipt(
        self,
        built: Built,
        appliance: ApplianceRecord,
        version: str,
        started: datetime,
        seconds: float,
        base: ImageRecord,
        made: ImageRecord,
    ) -> Receipt:
        return Receipt(
            versions=Versions(imagekit=imagekit_version(), libguestfs=version, python=platform.python_version()),
            started=started,
            seconds=round(seconds, 3),
            base=base,
            sources=tuple(SourceRecord(file=source.file, sha256=source.sha256) for source in self.spec.sources),
            spec=self.spec.model_dump(mode="json", exclude_defaults=True),
            guest=built.facts,
            steps=built.steps,
            identities=built.identities,
            inputs=digest_of_inputs(self.spec, base.sha256, self.target.form),
            appliance=appliance,
            timings=dict(self.clock.seconds),
            output=made,
        )

    def _publish(self, workspace: Workspace, finished: Path, output: Path, text: str, *, secret: bool) -> None:
        """Give the image its name, and then the receipt."""
        with stage("publish", self.clock, str(output)):
            if self.target.wish.in_place:
                publish_in_place(finished, self.info, secret=secret)
            else:
                publish(finished, output, force=self.target.wish.force, secret=secret)
            if self.target.wish.receipt:
                write_receipt_file(text, receipt_beside(output), workspace=workspace.path)
