"""What a session said of the guest, for as long as it holds: a look is asked once, and any change forgets them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagekit.appliance.channel import VerbRefused

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.appliance.session import Session

KEPT = frozenset({"lstatns", "readlinklist", "pread", "glob_expand", "lgetxattr", "checksum"})
"""Verbs that only look, and answer the same until something changes."""
LOOKING = KEPT | {"ls0", "find0", "download", "statvfs"}
"""Verbs that only look. Whatever is not here changes something, unknown verbs and every script among them."""
_MOST = 4096
_LONGEST = 64 << 10


class Remembering:
    """A session that remembers what it was told of the guest.

    It is the guest's only way to its session, so nothing of the guest's making changes a file unseen. No program of
    the guest outlives its call, and file systems are mounted without access times: nothing else changes one either.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[Any, ...], Any] = {}

    @property
    def runtime(self) -> Path:
        """The session's private folder on the host."""
        return self._session.runtime

    @property
    def network(self) -> bool:
        """Whether the appliance has a network card."""
        return self._session.network

    def call(self, verb: str, *args: Any, deadline: float | None = None, **kwargs: Any) -> Any:
        """Call one verb as ``Session.call`` does, or answer at once what it would answer."""
        if verb not in KEPT:
            if verb not in LOOKING:
                self._known.clear()
            return self._session.call(verb, *args, deadline=deadline, **kwargs)
        question = (verb, args, tuple(kwargs.items()))
        answer = self._known[question] if question in self._known else self._ask(question, deadline)
        if isinstance(answer, VerbRefused):
            raise VerbRefused(answer.verb, answer.text, answer.type_name)
        return answer

    def _ask(self, question: tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]], deadline: float | None) -> Any:
        """Return the answer of the session, a refusal too, and keep it unless it is long."""
        verb, args, kwargs = question
        try:
            answer = self._session.call(verb, *args, deadline=deadline, **dict(kwargs))
        except VerbRefused as refused:
            answer = refused
        if len(self._known) >= _MOST:
            self._known.clear()
        if not (isinstance(answer, bytes) and len(answer) > _LONGEST):
            self._known[question] = answer
        return answer

    def script(self, text: str, *, deadline: float | None = None) -> str:
        """Run a shell script in the appliance, as ``Session.script`` does; it may have changed anything."""
        self._known.clear()
        return self._session.script(text, deadline=deadline)
