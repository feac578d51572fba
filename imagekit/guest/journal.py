"""A guest that keeps a journal: what each step really changed, and which paths the steps of a spec hold."""
# ruff: noqa: D102  what each verb does stands once, in the Guest protocol

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from imagekit.guest import paths, payload
from imagekit.guest.changes import Change, FileState, change_between, compare_trees, text_diff
from imagekit.guest.forward import LookThrough
from imagekit.guest.observe import Content, Observer, Sight, Spot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from imagekit.guest.protocol import CommandResult, Guest

__all__ = ["Change", "FileState", "JournaledGuest", "compare_trees", "held_paths"]


_UNKNOWN = object()


@dataclass(slots=True)
class _Step:
    """What the journal knows of the step that runs: every touched path as it was before, and what was put there."""

    id: str
    secret: bool
    before: dict[str, Sight | None] = field(default_factory=dict)
    known: dict[str, Content] = field(default_factory=dict)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    commands: int = 0


class JournaledGuest(LookThrough):
    """A Guest in front of another one that records changes and drops those that change nothing.

    Between ``begin`` and ``end`` every changing verb first looks at what it is about to touch, so that ``end`` can
    tell the net changes. A path has one name in the journal: links in its parents are resolved. What commands
    change is not seen; around those, compare snapshots (``compare_trees``).

    Args:
        guest: the guest that does the work.
        conceal: tells of which paths neither size, digest, target nor diff may be told: those of identities.
        keep_text: whether changes of small texts carry a unified diff.
    """

    def __init__(
        self, guest: Guest, *, conceal: Callable[[str], bool] = lambda _: False, keep_text: bool = False
    ) -> None:
        super().__init__(guest)
        self._conceal = conceal
        self._keep_text = keep_text
        self._observer = Observer(guest)
        self._held: dict[str, str] = {}
        self._tainted: set[str] = set()
        self._step = _Step("", secret=False)
        self._running = False

    # The journal.
    def begin(self, step_id: str, *, secret: bool = False) -> None:
        """Begin a step; with ``secret`` nothing is told of the content of what it touches, in later steps neither."""
        self._step = _Step(step_id, secret=secret)
        self._running = True

    def end(self) -> tuple[Change, ...]:
        """End the step and return its net changes, sorted by path."""
        self._running = False
        changes = (self._change(spot) for spot in self._spots(sorted(self._step.before)))
        return tuple(change for change in changes if change)

    @property
    def held(self) -> Mapping[str, str]:
        """Paths that a step of this spec wrote, with the id of the last one; what was written and removed is not held.

        A write that was dropped because it would change nothing holds its path too.
        """
        return MappingProxyType(self._held)

    def release(self, *paths: str) -> None:
        """Hold these paths no more: what is there later is not what a step wrote."""
        for path in paths:
            self._held.pop(path, None)

    def conceals(self, path: str) -> bool:
        """Tell whether nothing may be told of what is at a path: an identity, or what a step made from a secret."""
        return path in self._tainted or self._conceal(path)

    @property
    def commands_run(self) -> int:
        """How many commands the current step has run, or the last one if none runs."""
        return self._step.commands

    # Content.
    def write(self, path: str, content: bytes | str) -> None:
        data = content.encode() if isinstance(content, str) else content
        self._put(path, Content.of(data), lambda: self._guest.write(path, data))

    def upload(self, filename: Path, path: str) -> None:
        self._put(path, payload.of_file(filename), lambda: self._guest.upload(filename, path))

    def write_append(self, path: str, content: bytes | str) -> None:
        spot = self._observer.locate(path)
        if content or spot.stat is None or spot.stat.kind != "file":
            self._note(spot)
            self._guest.write_append(path, content)
        self._hold(spot.path)

    def touch(self, path: str) -> None:
        spot = self._observer.locate(path)
        if spot.stat is None:
            self._note(spot)
            self._guest.touch(path)
            self._hold(spot.path)

    def truncate(self, *paths: str) -> None:
        spots = {path: self._observer.locate(path) for path in paths}
        due = {path: spot for path, spot in spots.items() if not (spot.is_file and spot.stat and spot.stat.size == 0)}
        for spot in due.values():
            self._note(spot)
        if due:
            self._guest.truncate(*due)
        self._hold(*(spot.path for spot in spots.values()))

    # Places.
    def mkdir_p(self, path: str) -> None:
        spot = self._observer.locate(path)
        if not spot.is_directory:
            self._note_missing(spot)
            self._guest.mkdir_p(path)
        self._hold(spot.path)

    def ln_sf(self, target: str, linkname: str) -> None:
        spot = self._observer.locate(linkname, follow=False)
        if not (spot.stat and spot.stat.kind == "symlink" and self._guest.readlink(spot.path) == target):
            self._note(spot)
            self._guest.ln_sf(target, linkname)
            self._observer.forget()
        self._hold(spot.path)

    def rm_f(self, path: str) -> None:
        self._remove((path,), self._guest.rm_f, follow=False)

    def rm_rf(self, path: str) -> None:
        self._remove((path,), self._guest.rm_rf, follow=False)

    def erase(self, *paths: str) -> None:
        self._remove(paths, self._guest.erase, follow=True)

    def mv(self, src: str, dest: str) -> None:
        source = self._observer.locate(src, follow=False)
        made = self._note_copy(source, self._destination(source, dest, follow=False))
        self._note_tree(source)
        self._guest.mv(src, dest)
        self._observer.forget()
        self._release(source.path)
        self._hold(*made)

    def cp_a(self, src: str, dest: str) -> None:
        source = self._observer.locate(src, follow=False)
        is_file = source.stat is not None and source.stat.kind == "file"
        made = self._note_copy(source, self._destination(source, dest, follow=is_file))
        self._guest.cp_a(src, dest)
        self._observer.forget()
        self._hold(*made)

    def tar_in(self, tarfile: Path, directory: str) -> None:
        top = self._observer.locate(directory)
        members = payload.of_tar(tarfile)
        spots = self._note_members(top, members)
        self._guest.tar_in(tarfile, directory)
        self._observer.forget()
        for spot, member in zip(spots, members, strict=True):
            self._hold(spot.path)
            if member.content and spot.path in self._step.before:
                self._step.known[spot.path] = member.content

    # What belongs to a path.
    def chmod(self, mode: int, path: str) -> None:
        spot = self._observer.locate(path)
        if not (spot.stat and spot.stat.mode == mode):
            self._note(spot, keep_known=True)
            self._guest.chmod(mode, path)

    def chown(self, owner: int, group: int, path: str) -> None:
        spot = self._observer.locate(path)
        if not (spot.stat and (spot.stat.uid, spot.stat.gid) == (owner, group)):
            self._note(spot, keep_known=True)
            self._guest.chown(owner, group, path)

    def setxattr(self, path: str, name: str, value: bytes) -> None:
        spot = self._observer.locate(path)
        if spot.stat is None or self._guest.lgetxattr(spot.path, name) != value:
            self._note(spot, keep_known=True)
            self._guest.setxattr(path, name, value)
            self._step.attributes.setdefault(spot.path, set()).add(name)

    def command(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        network: bool = False,
        timeout: float | None = None,
    ) -> CommandResult:
        self._step.commands += 1
        self._step.known.clear()
        self._observer.forget()
        return self._guest.command(argv, env=env, network=network, timeout=timeout)

    # How it is recorded.
    def _note(self, spot: Spot, *, keep_known: bool = False, digest: bool = True) -> None:
        """Keep what is at a spot as its state before the step, unless the step touched it already."""
        if not self._running:
            return
        if self._step.secret:
            self._tainted.add(spot.path)
        if not keep_known:
            self._step.known.pop(spot.path, None)
        if spot.path not in self._step.before:
            new = self._is_new(spot.path)
            self._step.before[spot.path] = None if new else self._observer.see(spot, digest=digest)

    def _is_new(self, path: str) -> bool:
        """Tell whether a path is below one that was not there before the step: then whoever made it, the step did."""
        above = paths.parent(path)
        while above != "/" and self._step.before.get(above, _UNKNOWN) is not None:
            above = paths.parent(above)
        return above != "/"

    def _note_missing(self, spot: Spot) -> None:
        """Note a path and those of its parents that are not there yet."""
        while spot.stat is None:
            self._note(spot)
            spot = self._observer.look(paths.parent(spot.path))

    def _note_tree(self, spot: Spot) -> None:
        """Note a path and all below it; what goes with its directory is not read, so it has no digest."""
        self._note(spot)
        if spot.is_directory and self._running:
            for path in self._guest.find(spot.path):
                self._note(self._observer.look(path), digest=False)

    def _note_copy(self, source: Spot, target: str) -> tuple[str, ...]:
        """Note every path that a copy of ``source`` at ``target`` makes or replaces, and return them."""
        below = self._guest.find(source.path) if source.is_directory and self._running else ()
        sources = (source.path, *below)
        made = tuple(target + path.removeprefix(source.path) for path in sources)
        self._tainted.update(new for old, new in zip(sources, made, strict=True) if self.conceals(old))
        for spot in self._spots(made):
            self._note(spot)
        return made

    def _note_members(self, top: Spot, members: Sequence[payload.Member]) -> list[Spot]:
        """Note where each member of a tar goes, with the directories on its way, and return those places.

        Below a directory that the tar itself makes there is nothing to look at.
        """
        spots: list[Spot] = []
        made: dict[str, str] = {}
        for member in members:
            named = paths.join(top.path, member.name)
            if paths.parent(named) in made:
                spot = Spot(paths.join(made[paths.parent(named)], paths.name(named)), None)
            else:
                spot = self._observer.locate(named, follow=False)
                self._note_missing(spot)
            if member.is_directory and not spot.is_directory:
                made[named] = spot.path
            self._note(spot)
            spots.append(spot)
        return spots

    def _spots(self, sorted_paths: Iterable[str]) -> Iterator[Spot]:
        """Look at paths, each after the directory it is in; below what is none (any more) nothing is looked for."""
        bare: set[str] = set()
        for path in sorted_paths:
            spot = Spot(path, None) if paths.parent(path) in bare else self._observer.look(path)
            if not spot.is_directory:
                bare.add(path)
            yield spot

    def _put(self, path: str, content: Content, write: Callable[[], None]) -> None:
        spot = self._observer.locate(path)
        is_file = spot.stat is not None and spot.stat.kind == "file"
        same_size = is_file and spot.stat is not None and spot.stat.size == content.size
        if not (same_size and self._observer.content(spot).sha256 == content.sha256):
            self._note(spot)
            write()
            self._step.known[spot.path] = content
        self._hold(spot.path)

    def _remove(self, given: Sequence[str], remove: Callable[..., None], *, follow: bool) -> None:
        there = [(path, spot) for path in given if (spot := self._observer.locate(path, follow=follow)).stat]
        if not there:
            return
        for _, spot in there:
            self._note_tree(spot)
        remove(*(path for path, _ in there))
        for _, spot in there:
            if spot.stat and spot.stat.kind != "file":
                self._observer.forget()
            self._release(spot.path)

    def _destination(self, source: Spot, dest: str, *, follow: bool) -> str:
        """Return what mv or cp writes: below ``dest`` if that is a directory, else ``dest``, a link followed if asked."""
        target = self._observer.locate(dest)
        if target.is_directory:
            return paths.join(target.path, paths.name(source.path))
        return target.path if follow else self._observer.locate(dest, follow=False).path

    def _hold(self, *held: str) -> None:
        if self._running:
            self._held.update(dict.fromkeys(held, self._step.id))
        if self._step.secret:
            self._tainted.update(held)

    def _release(self, path: str) -> None:
        for held in [held for held in self._held if held == path or paths.is_below(held, path)]:
            del self._held[held]

    def _change(self, spot: Spot) -> Change | None:
        step, path = self._step, spot.path
        before = step.before[path]
        after = self._observer.see(spot, known=step.known.get(path))
        attributes = tuple(sorted(step.attributes.get(path, ())))
        change = change_between(
            path, before.state if before else None, after.state if after else None, attributes=attributes
        )
        if change is None:
            return None
        if self.conceals(path):
            return change.concealed()
        return change.model_copy(update={"diff": self._diff(path, before, after)})

    def _diff(self, path: str, before: Sight | None, after: Sight | None) -> str | None:
        sides = [side for side in (before, after) if side]
        if not self._keep_text or any(side.text is None for side in sides):
            return None
        return text_diff(path, before.text if before else None, after.text if after else None) or None


def held_paths(guest: Guest) -> frozenset[str]:
    """Return the paths that the steps of a spec hold; none on a guest without a journal."""
    return frozenset(guest.held) if isinstance(guest, JournaledGuest) else frozenset()
