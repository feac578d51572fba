"""``audit``: open each image for reading alone, look at everything, compare, and judge."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.appliance.disks import Hibernated
from imagekit.appliance.layout import UncleanFilesystem
from imagekit.engine.auditing.deep import deleted_secrets
from imagekit.engine.auditing.examine import Examination, examine
from imagekit.engine.auditing.mending import spec_for
from imagekit.engine.auditing.report import (
    SEVERITIES,
    AuditReport,
    FailOn,
    Finding,
    ImageAudit,
    Refusal,
    Rule,
    Unchecked,
    Use,
    passes,
)
from imagekit.engine.auditing.rules import HIBERNATED, UNCLEAN, rules_for
from imagekit.engine.auditing.sharing import with_shared
from imagekit.engine.auditing.waivers import Waiver, load_waivers, waive
from imagekit.engine.identities import machine_ids
from imagekit.engine.opened import Opened, checked, opened, stage
from imagekit.engine.options import Options
from imagekit.errors import ImageError
from imagekit.events import Notice, OnEvent, silent
from imagekit.identity.flaw import Device, Scene
from imagekit.images.workspace import Workspace
from imagekit.receipt import conceal_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.appliance.session import Settings


def audit(
    images: str | Path | Sequence[str | Path],
    *,
    as_: Use = "template",
    fail_on: FailOn = "error",
    strict: bool = False,
    deep: bool = False,
    waivers: str | Path | Sequence[Waiver] = (),
    options: Options | None = None,
    on_event: OnEvent = silent,
) -> AuditReport:
    """Tell whether images are fit to be cloned, and what mends those that are not; nothing is written.

    Of several, also what they share that they should not; and one that cannot be opened does not keep the others
    from being looked at.

    Args:
        images: qcow2 or raw images.
        as_: what they are for. Identities speak against a ``template``; an ``instance`` has its own.
        fail_on: how bad a finding must be for the audit not to be passed.
        strict: let it not be passed either if something could not be checked.
        deep: search the raw bytes of the disks for deleted secrets too. Of a qcow2 image that takes as much room in the
            temporary folder as its data, and time: it reads all of it.
        waivers: a YAML file of findings that may pass, or what ``load_waivers`` returned.
        options: how it is carried out.
        on_event: gets progress events.

    Raises:
        WaiversInvalid: the waivers are wrong.
        ImagekitError: the only image cannot be opened, or the host or the appliance is not able to.
    """
    settings = options or Options()
    allowed = load_waivers(waivers) if isinstance(waivers, str | Path) else tuple(waivers)
    paths = tuple(dict.fromkeys((images,) if isinstance(images, str | Path) else images))
    auditor = _Auditor(as_, settings, on_event, alone=len(paths) == 1, deep=deep)
    for path in paths:
        auditor.look_at(Path(path))
    report = judge(auditor, allowed, datetime.now(UTC).astimezone().date(), fail_on, strict=strict)
    return AuditReport.model_validate_json(conceal_ids(report.model_dump_json(), frozenset(auditor.machine_ids)))


class _Auditor:
    """Looks at one image after the other, all within the same time limit."""

    def __init__(self, use: Use, options: Options, on_event: OnEvent, *, alone: bool, deep: bool) -> None:
        self.use = use
        self.deep = deep
        self.examined: dict[str, Examination] = {}
        self.images: list[ImageAudit] = []
        self.machine_ids: set[str] = set()
        self._options = options
        self._settings: Settings = options.settings(network=False)
        self._on_event = on_event
        self._alone = alone

    def look_at(self, path: Path) -> None:
        """Look at one image."""
        name = str(path)
        examination = self.examined[name] = Examination()
        try:
            self._open(path, name)
        except Hibernated as asleep:
            self._unopened(name, examination, HIBERNATED, asleep)
        except UncleanFilesystem as unclean:
            self._unopened(name, examination, UNCLEAN, unclean)
        except ImageError as error:
            if self._alone:
                raise
            self._on_event(Notice(f"{name} is left out: {error.message}"))
            refusal = Refusal(code=error.code, message=error.message, why=error.why, fix=error.fix)
            self.images.append(ImageAudit(image=name, refused=refusal))
            self._all_unchecked(name, examination, error.message)

    def _open(self, path: Path, name: str) -> None:
        with (
            checked(path, self._options, self._on_event) as info,
            Workspace.scratch() as workspace,
            opened(info, workspace, self._settings, self._options, self._on_event, readonly=True) as image,
        ):
            scene = scene_of(image)
            found = examine(name, scene, self.use, compare=not self._alone)
            if self.deep:
                with stage("search bytes", self._on_event):
                    deleted = deleted_secrets(name, image, scene, workspace)
                found.findings += deleted.findings
                found.unchecked += deleted.unchecked
            self.machine_ids |= machine_ids(image.guest)
            facts = image.guest.facts
        self.examined[name] = found
        self.images.append(ImageAudit(image=name, guest=facts, identities=tuple(found.identities)))

    def _unopened(self, name: str, examination: Examination, rule: Rule, error: ImageError) -> None:
        finding = Finding(
            rule=rule.id, severity=rule.severity, image=name, message=error.message, why=rule.why, fix=error.fix
        )
        examination.findings.append(finding)
        self.images.append(ImageAudit(image=name))
        self._all_unchecked(name, examination, error.message)

    def _all_unchecked(self, name: str, examination: Examination, reason: str) -> None:
        examination.unchecked.append(Unchecked(image=name, reason=f"nothing in it was looked at: {reason}"))


def scene_of(image: Opened) -> Scene:
    """Return all that flaws are looked for in."""
    filesystems = image.layout.filesystems
    mounted = {mount.device: mount.mountpoint for mount in reversed(image.layout.mounts)}
    containers = {filesystem.container for filesystem in filesystems}
    devices = tuple(
        Device(f.device, f.type, mounted.get(f.device), f.type != "crypto_LUKS" or f.device in containers)
        for f in filesystems
    )
    return Scene(
        image.guest,
        devices,
        image.layout.root,
        lambda spec: any(filesystem.answers_to(spec) for filesystem in filesystems),
        image.info.snapshots,
    )


def judge(auditor: _Auditor, waivers: Sequence[Waiver], today: date, fail_on: FailOn, *, strict: bool) -> AuditReport:
    """Put all that was found into one report."""
    examined: Mapping[str, Examination] = auditor.examined
    order = {name: number for number, name in enumerate(examined)}
    findings, stale = waive(with_shared(examined), waivers, today)
    findings = tuple(sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), order[f.image], f.rule, f.path)))
    unchecked = tuple(each for examination in examined.values() for each in examination.unchecked)
    return AuditReport(
        use=auditor.use,
        fail_on=fail_on,
        strict=strict,
        passed=passes(findings, unchecked=bool(unchecked), fail_on=fail_on, strict=strict),
        images=tuple(auditor.images),
        findings=findings,
        checked=rules_for(auditor.use, deep=auditor.deep),
        unchecked=unchecked,
        stale_waivers=stale,
        spec=spec_for(finding for finding in findings if finding.waived is None and not finding.optional),
    )
