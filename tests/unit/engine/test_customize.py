"""The whole road of a build, with a memory guest in the place of the appliance and a copy in that of qemu-img."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.errors import ApplianceDied
from imagekit.engine import customize as module, finishing
from imagekit.engine.customize import customize
from imagekit.engine.errors import ClonesUnfit, PlanDiffers, StepFailed, UnknownIdentity
from imagekit.engine.inputs import digest_of_inputs
from imagekit.engine.options import Options
from imagekit.engine.planning import PlanReport
from imagekit.engine.target import Form
from imagekit.events import Event, Notice, StageFinished
from imagekit.guest.facts import Facts
from imagekit.images.digests import Digests
from imagekit.images.errors import BaseChanged, ImageUnreadable
from imagekit.images.publish import OutputExists, OutputIsInput
from imagekit.receipt import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imagekit.appliance.session import Settings
    from imagekit.engine.opened import Opened
    from imagekit.images.info import ImageInfo
    from imagekit.images.workspace import Workspace
    from imagekit.spec import Spec
    from imagekit.testing.memory import MemoryGuest

ID = "0123456789abcdef0123456789abcdef"
CANARY = "canary-4711"
PUT = "name: web\ntransforms: [{put: {path: /etc/motd, text: hello}}]"
FINISHED = b"the finished image"


@dataclass
class Bench:
    """A folder with a base in it, and builds of it."""

    folder: Path
    base: ImageInfo
    guest: MemoryGuest
    parse: Callable[..., Spec]
    image: Opened
    events: list[Event] = field(default_factory=list)
    settings: list[Settings] = field(default_factory=list)
    flattened: list[dict[str, Any]] = field(default_factory=list)

    def build(self, text: str = PUT, **options: Any) -> Receipt:
        return customize(self.base.path, self.parse(text), on_event=self.events.append, **options)

    def names(self) -> set[str]:
        """Return what is in the folder, the base aside."""
        return {path.name for path in self.folder.iterdir()} - {"base.qcow2"}


@pytest.fixture
def bench(
    tmp_path: Path,
    base: ImageInfo,
    blank: MemoryGuest,
    parse: Callable[..., Spec],
    opened_guest: Callable[[MemoryGuest], Opened],
    monkeypatch: pytest.MonkeyPatch,
) -> Bench:
    made = Bench(tmp_path, base, blank, parse, opened_guest(blank))

    @contextlib.contextmanager
    def checked(*args: Any, exclusive: bool = False) -> Iterator[ImageInfo]:
        yield base

    @contextlib.contextmanager
    def opened(info: Any, workspace: Workspace, settings: Settings, *args: Any) -> Iterator[Opened]:
        made.settings.append(settings)
        overlay = workspace.path / "overlay.qcow2"
        overlay.write_bytes(b"overlay")
        yield replace(made.image, overlay=overlay)

    def flatten(overlay: Path, target: Path, **options: Any) -> None:
        made.flattened.append(options)
        assert made.image.session.calls, "the guest is still mounted"
        with target.open("xb") as new:
            new.write(FINISHED)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "checked", checked)
    monkeypatch.setattr(module, "opened", opened)
    monkeypatch.setattr(module, "flatten", flatten)
    return made


# What comes out.
def test_an_image_and_its_receipt_come_out_and_nothing_else(bench: Bench) -> None:
    bench.build()

    assert bench.names() == {"base.web.qcow2", "base.web.qcow2.receipt.json"}
    assert (bench.folder / "base.web.qcow2").read_bytes() == FINISHED
    assert bench.base.path.read_bytes() == b"the base"


def test_the_receipt_is_what_is_returned(bench: Bench) -> None:
    returned = bench.build()
    written = Receipt.model_validate_json((bench.folder / "base.web.qcow2.receipt.json").read_bytes())

    assert returned == written


def test_the_receipt_tells_what_came_in_what_was_done_and_what_came_out(bench: Bench) -> None:
    receipt = bench.build()

    assert (receipt.base.name, receipt.base.format) == ("base.qcow2", "qcow2")
    assert receipt.base.sha256 == hashlib.sha256(b"the base").hexdigest()
    assert receipt.output
    assert (receipt.output.name, receipt.output.size) == ("base.web.qcow2", len(FINISHED))
    assert receipt.output.sha256 == hashlib.sha256(FINISHED).hexdigest()
    assert receipt.spec == {"name": "web", "transforms": [{"put": {"path": "/etc/motd", "text": "hello"}}]}
    assert [source.file for source in receipt.sources] == ["spec.yaml"]
    assert [step.kind for step in receipt.steps] == ["put"]
    assert receipt.guest == bench.guest.facts
    assert (receipt.appliance.accelerator, receipt.appliance.launch_seconds) == ("tcg", 1.25)
    assert receipt.versions.libguestfs == "1.48.6"


def test_the_receipt_has_the_digest_of_all_that_went_in(bench: Bench) -> None:
    sha256 = hashlib.sha256(b"the base").hexdigest()

    receipt = bench.build(compress="zstd", thin=True)

    assert receipt.inputs == digest_of_inputs(bench.parse(PUT), sha256, Form("qcow2", "zstd", thin=True))


@pytest.mark.parametrize("warm", [True, False])
def test_the_receipt_tells_whether_the_appliance_was_warm(bench: Bench, *, warm: bool) -> None:
    bench.image.session.warm = warm

    assert bench.build().appliance.warm is warm


def test_the_seconds_of_each_stage_are_in_the_receipt(bench: Bench) -> None:
    told = bench.build().timings.keys()
    finished = [event.stage for event in bench.events if isinstance(event, StageFinished)]

    assert set(told) == set(finished) - {"publish"}
    assert {"check steps", "trim", "check file systems", "stop appliance", "write image", "digests"} <= set(told)


def test_a_receipt_may_be_left_out(bench: Bench) -> None:
    bench.build(receipt=False)

    assert bench.names() == {"base.web.qcow2"}


def test_the_output_is_written_as_the_target_says(bench: Bench) -> None:
    receipt = bench.build(format="raw", output=bench.folder / "out.img")
    bench.build(compress="zstd", thin=True)

    assert bench.flattened == [
        {"format": "raw", "compression": "none", "thin_over": None, "in_use": True},
        {"format": "qcow2", "compression": "zstd", "thin_over": bench.base, "in_use": True},
    ]
    assert receipt.output
    assert receipt.output.format == "raw"


def test_in_place_the_base_is_replaced_and_keeps_its_mode(bench: Bench) -> None:
    bench.base.path.chmod(0o640)
    receipt = bench.build(in_place=True)

    assert bench.base.path.read_bytes() == FINISHED
    assert bench.base.path.stat().st_mode & 0o777 == 0o640
    assert bench.names() == {"base.qcow2.receipt.json"}
    assert receipt.base.sha256 == hashlib.sha256(b"the base").hexdigest()


def test_the_image_is_written_again_if_a_check_wrote_to_the_overlay(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = iter([(1, 1), (1, 2)])
    monkeypatch.setattr(finishing, "_written", lambda _: next(written))
    bench.build()

    assert len(bench.flattened) == 2
    assert (bench.folder / "base.web.qcow2").read_bytes() == FINISHED


# Modes.
SECRETS = {
    "a text": "{put: {path: /etc/secret, text: {secret: word}}}",
    "a text that waits for facts": "{put: {path: '/etc/${{ facts.distro }}', text: {secret: word}}}",
}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def umask() -> Iterator[None]:
    old = os.umask(0o022)
    yield
    os.umask(old)


@pytest.mark.usefixtures("umask")
def test_an_image_without_secrets_has_the_users_own_mode(bench: Bench) -> None:
    bench.build()

    assert mode(bench.folder / "base.web.qcow2") == 0o644


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("item", SECRETS.values(), ids=SECRETS.keys())
def test_an_image_with_a_secret_in_it_is_its_owners_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, item: str
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    bench.build(f"name: web\nsecrets: {{word: {{env: CANARY}}}}\ntransforms: [{item}]")

    assert mode(bench.folder / "base.web.qcow2") == 0o600


@pytest.mark.usefixtures("umask")
def test_a_secret_that_did_not_go_in_closes_no_image(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    item = "{put: {path: /etc/secret, text: {secret: word}}, when: {family: rhel}}"
    bench.build(f"name: web\nsecrets: {{word: {{env: CANARY}}}}\ntransforms: [{item}]")

    assert mode(bench.folder / "base.web.qcow2") == 0o644


# What is never told.
def test_no_secret_and_no_machine_id_is_in_a_receipt(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    bench.guest.write("/etc/machine-id", f"{ID}\n")
    text = f"""
    name: web
    secrets: {{word: {{env: CANARY}}}}
    transforms:
      - put: {{path: /etc/secret, text: {{secret: word}}}}
      - put: {{path: '/etc/${{{{ facts.distro }}}}', text: {{secret: word}}}}
      - put: {{path: /var/log/{ID}, text: {ID}}}
      - machine-id: {"f" * 32}
    """
    receipt = bench.build(text)
    written = (bench.folder / "base.web.qcow2.receipt.json").read_text()

    shown = written + repr(receipt) + receipt.text() + repr(bench.events)
    assert [
        word for word in (ID, "f" * 32, CANARY, hashlib.sha256(CANARY.encode()).hexdigest()) if word in written
    ] == []
    assert CANARY not in shown
    assert "/var/log/{machine-id}" in written
    assert receipt.spec["transforms"][0]["put"]["text"] == {"secret": "word"}


# What goes wrong.
def test_a_failed_build_leaves_nothing(bench: Bench) -> None:
    with pytest.raises(StepFailed):
        bench.build("transforms: [{put: {path: /x}}, fails]")

    assert bench.names() == set()
    assert bench.flattened == []
    assert bench.base.path.read_bytes() == b"the base"


def test_the_overlay_of_a_failed_build_is_kept_if_that_is_asked_for(bench: Bench) -> None:
    with pytest.raises(StepFailed):
        bench.build("name: web\ntransforms: [fails]", keep_failed=True)

    assert bench.names() == {"base.web.qcow2.failed.qcow2"}
    (notice,) = [event for event in bench.events if isinstance(event, Notice)]
    assert "guestfish" in notice.text


@pytest.mark.parametrize("verb", ["script", "e2fsck"])
def test_an_appliance_that_dies_at_the_end_publishes_nothing(bench: Bench, verb: str) -> None:
    bench.image.session.answers[verb] = ApplianceDied(verb, "x")

    with pytest.raises(ApplianceDied):
        bench.build()
    assert bench.names() == set()


def test_a_base_that_changed_meanwhile_is_no_base(bench: Bench) -> None:
    def run(argv: Any, env: Any) -> int:
        bench.base.path.write_bytes(b"another base")
        return 0

    bench.guest.answer(run)

    with pytest.raises(BaseChanged):
        bench.build("transforms: [command]")
    assert bench.names() == set()


def test_a_base_that_cannot_be_read_to_its_end_is_told_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def digest(digests: Digests, path: Path) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Digests, "of", digest)

    with pytest.raises(ImageUnreadable, match="Input/output error"):
        bench.build()
    assert bench.names() == set()


def test_an_output_that_is_there_is_refused_before_anything_is_opened(bench: Bench) -> None:
    (bench.folder / "base.web.qcow2").write_bytes(b"mine")

    with pytest.raises(OutputExists):
        bench.build()
    assert (bench.folder / "base.web.qcow2").read_bytes() == b"mine"
    assert bench.settings == []
    bench.build(force=True)
    assert (bench.folder / "base.web.qcow2").read_bytes() == FINISHED


def test_the_base_is_no_output(bench: Bench) -> None:
    with pytest.raises(OutputIsInput):
        bench.build(output=bench.base.path, force=True)

    assert bench.base.path.read_bytes() == b"the base"


def test_an_identity_that_is_none_is_refused_before_anything_is_opened(bench: Bench) -> None:
    with pytest.raises(UnknownIdentity):
        bench.build("keep_identity: [machineid]\ntransforms: []")

    assert bench.settings == []


# A saved plan.
def test_a_build_that_is_not_what_was_planned_is_not_published(bench: Bench) -> None:
    with pytest.raises(PlanDiffers):
        bench.build(expected=PlanReport(base="base.qcow2", guest=Facts(), steps=()))

    assert bench.names() == set()


def test_a_build_that_is_what_was_planned_is_published(bench: Bench) -> None:
    steps = bench.build().steps
    bench.guest.rm_f("/etc/motd")
    plan = PlanReport(base="base.qcow2", guest=Facts(), steps=steps)

    assert bench.build(expected=plan, force=True).output


# How the appliance is made.
@pytest.mark.parametrize(
    ("text", "options", "network"),
    [
        (PUT, Options(), False),
        ("transforms: [{command: {network: true}}]", Options(memory=2048), True),
        ("transforms: [{command: {network: true}}]", Options(network=False), False),
    ],
)
def test_the_appliance_is_as_the_caller_says_and_the_steps_need(
    bench: Bench, text: str, options: Options, *, network: bool
) -> None:
    bench.guest.answer(lambda argv, env: 0)
    receipt = bench.build(text, options=options)
    (settings,) = bench.settings

    assert (settings.network, settings.memory) == (network, options.memory)
    assert receipt.appliance.memory == options.memory


# Proof.
def test_what_is_to_be_proven_is_proven_before_it_is_published(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, base: ImageInfo
) -> None:
    proven = []

    def prove(image: Path, *, options: Options, on_event: Any) -> None:
        proven.append((image.read_bytes(), bench.names() & {"base.web.qcow2"}))
        assert base.path in options.allow_backing

    monkeypatch.setattr(module, "prove", prove)
    bench.build(proven=True)

    assert proven == [(FINISHED, set())]
    assert "base.web.qcow2" in bench.names()


def test_what_is_not_proven_is_not_published(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def prove(*_: Any, **__: Any) -> None:
        raise ClonesUnfit(("machine-id: equal",))

    monkeypatch.setattr(module, "prove", prove)

    with pytest.raises(ClonesUnfit):
        bench.build(proven=True)
    assert bench.names() == set()


def test_nothing_is_proven_unasked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "prove", None)

    assert bench.build().output is not None
