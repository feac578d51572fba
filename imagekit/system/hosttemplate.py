"""A file of the host whose variables are filled in: a field type for kinds that put texts into a guest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, PrivateAttr

from imagekit.hostfile import HostFile, from_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.guest.facts import Facts


class HostTemplate(HostFile):
    """A host file in which ``${{ name }}`` stands for a variable of the spec, and ``${{ facts.name }}`` for a fact.

    Variables are filled in when the spec is loaded, by what the loader put in the validation context as ``fill``:
    a function of the text and of the file's name, that returns a function of the facts.
    """

    _render: Callable[[Facts], str] = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Read the file, and fill in its variables."""
        super().model_post_init(context)
        fill = context.get("fill") if isinstance(context, dict) else None
        if fill is None:
            raise ValueError("only a spec that is loaded from YAML has variables to fill in; give content instead")
        try:
            text = self.content.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"{self.file!r} is no UTF-8 text at byte {error.start}; take it as source") from error
        self._render = fill(text, str(Path(context.get("folder", "")) / self.file))

    def render(self, facts: Facts) -> bytes:
        """Return the content for a guest of which this is known."""
        return self._render(facts).encode()


PathOrTemplate = Annotated[HostTemplate, BeforeValidator(from_text, json_schema_input_type=str | HostTemplate)]
"""A template that a spec may write as a bare path."""
