"""The digest of all that goes into an image: two builds of one digest do the same."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from imagekit.engine.version import imagekit_version

if TYPE_CHECKING:
    from imagekit.engine.target import Form
    from imagekit.spec import Spec


def digest_of_inputs(spec: Spec, base_sha256: str, form: Form) -> str:
    """Return the SHA-256, in hex, of what decides the content of an output.

    That is the version of imagekit; the base; the spec with its variables, the texts of its files and of those that
    it includes, and the host files that it names; and the form of the output. Names of files of the host are left
    out where only their content counts, so that the digest is the same on another machine.

    The value of a secret is not in it, since a receipt is no place for what could be guessed and compared: a secret
    that changed takes a build by force. Neither are the files that the base builds on: they never change, or the
    base is another disk under its old digest. What the guest fetches from the network nobody knows before.

    Args:
        spec: as it was loaded, whether or not its secrets were read.
        base_sha256: of the bytes of the base's file.
        form: how the output is written.
    """
    document = {
        "version": imagekit_version(),
        "base": base_sha256,
        "spec": spec.model_dump(mode="json"),
        "sources": [source.sha256 for source in spec.sources],
        "host_files": spec.host_files,
        "form": [form.format, form.compression, form.thin],
    }
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()
