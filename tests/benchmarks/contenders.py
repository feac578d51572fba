"""The job, and who does it: the peers' two runs, imagekit warm, imagekit cold; each as a user would run it.

Both sides start from the untouched base and end with a new image that has: no machine-id and no host keys of the
base; none of what a default virt-sysprep removes from a Debian guest; a host name, a time zone, a root password, a
message of the day, and a NoCloud seed. The peers edit in place, so they begin with a sparse copy.

What is not the same, and who it favours:

* imagekit has no kind for passwords or time zones as long as its list of kinds has none; then it writes a file in
  place of the first, and the name in /etc/timezone alone for the second. The peers load Augeas for the password.
* imagekit looks for ``*.bak`` and ``*~`` four folders deep and not through whole trees, and writes no random seed.
* The peers do not check the base without trust, compare file systems before they publish, look again at identities,
  hash both images, or write a receipt; and their image is damaged if a run fails half-way.
* imagekit may remember the digest of a base that did not change: then only the warm-up, untimed, pays for that one.
* virt-sysprep's own customize step leaves a fixed machine-id behind, and no host keys come back on Debian without
  cloud-init. That is what they do by default, so it is what is measured.
* All use the accelerator that imagekit found to work, which a user of the peers has to find out by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.removals import REMOVALS
from benchmarks.running import Argv, Contender, clear, run, say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PEERS = "virt-sysprep and virt-customize"
MOTD = "welcome\n"
SEED = "/var/lib/cloud/seed/nocloud"
META_DATA = "instance-id: bench-1\nlocal-hostname: web-template\n"
USER_DATA = "#cloud-config\npackage_update: false\n"
ZONE = "Europe/Paris"


@dataclass(frozen=True)
class Imagekit:
    """How imagekit is called here: its program, its kinds, and whether it can be told to start cold."""

    program: str
    kinds: frozenset[str]
    cold: bool


def find_imagekit() -> Imagekit:
    """Return the imagekit of this Python; say so if it has no ``--cold``."""
    program = str(Path(sys.executable).with_name("imagekit"))
    listed = json.loads(run([program, "transforms", "--json"], os.environ))
    kinds = frozenset(each["kind"] for each in (listed if isinstance(listed, list) else listed["kinds"]))
    cold = "--cold" in run([program, "--help"], os.environ)
    if not cold:
        say("this imagekit has no --cold: what is to be measured cold is left out")
    return Imagekit(program, kinds, cold)


def job_spec(kinds: Collection[str], password: Path) -> dict[str, Any]:
    """Return the job as a spec; kinds that are not there yet are stood in for by files."""
    files: list[dict[str, Any]] = [
        {"path": "/etc/motd", "content": MOTD},
        {"path": f"{SEED}/meta-data", "content": META_DATA},
        {"path": f"{SEED}/user-data", "content": USER_DATA},
    ]
    steps: list[Any] = ["machine-id", "ssh-host-keys", {"hostname": "web-template"}]
    steps.append({"delete": {"paths": [pattern for patterns in REMOVALS.values() for pattern in patterns]}})
    if "timezone" in kinds:
        steps.append({"timezone": ZONE})
    else:
        files.append({"path": "/etc/timezone", "content": f"{ZONE}\n"})
    if "root-password" in kinds:
        steps.append({"root-password": {"password": {"secret": "root"}}})
    else:
        files.append({"path": "/root/.password", "content": {"secret": "root"}})
    steps.append({"write-files": files})
    return {"version": 1, "name": "bench", "secrets": {"root": {"file": str(password)}}, "transforms": steps}


def files_spec(count: int) -> dict[str, Any]:
    """Return a spec of so many steps, each of which writes one file."""
    steps = [{"write-files": [{"path": f"/srv/{number:03}", "content": f"{number}\n"}]} for number in range(count)]
    return {"version": 1, "name": "bench", "transforms": steps}


def write_spec(spec: dict[str, Any], path: Path) -> Path:
    """Write a spec; JSON is YAML too."""
    path.write_text(json.dumps(spec, indent=1), encoding="utf-8")
    return path


def ours(tool: Imagekit, base: Path, spec: Path, *, name: str, cold: bool = False) -> Contender:
    """Return imagekit on a base and a spec."""
    argv = [tool.program, *(["--cold"] if cold else []), "customize", str(base), str(spec)]
    return Contender(name, lambda image: [[*argv, "-o", str(image)]], os.environ)


def peers(base: Path, password: Path | None, environment: Mapping[str, str]) -> Contender:
    """Return the peers' two runs for the job; without a password for a phony guest, which has no time zones either."""
    real = ["--timezone", ZONE, "--root-password", f"file:{password}"] if password else []
    edits = [
        *("--hostname", "web-template", *real, "--write", f"/etc/motd:{MOTD}", "--mkdir", SEED),
        *("--write", f"{SEED}/meta-data:{META_DATA}", "--write", f"{SEED}/user-data:{USER_DATA}"),
    ]

    def commands(image: Path) -> list[Argv]:
        sysprep = ["virt-sysprep", "--quiet", "-a", str(image)]
        customize = ["virt-customize", "--quiet", "--no-network", "-a", str(image), *edits]
        return [_copy(base, image), sysprep, customize]

    return Contender(PEERS, commands, environment, reference=True)


def peer_of_files(base: Path, count: int, environment: Mapping[str, str]) -> Contender:
    """Return virt-customize writing so many files."""
    edits = [word for number in range(count) for word in ("--write", f"/srv/{number:03}:{number}\n")]

    def commands(image: Path) -> list[Argv]:
        return [_copy(base, image), ["virt-customize", "--quiet", "--no-network", "-a", str(image), *edits]]

    return Contender("virt-customize", commands, environment, reference=True)


def _copy(base: Path, image: Path) -> Argv:
    return ["cp", "--sparse=always", str(base), str(image)]


def require_peers() -> None:
    """End the program if the peers are not installed."""
    missing = [tool for tool in ("virt-customize", "virt-sysprep") if not shutil.which(tool)]
    if missing:
        sys.exit(f"{' and '.join(missing)} not installed: make setup")


def warm_up(contender: Contender, image: Path) -> dict[str, Any]:
    """Have imagekit build what it keeps on the host, untimed, and return the receipt of a run after that."""
    say("warming up: the appliance is built once, and KVM tried once")
    for _ in range(3):  # the first may build what the second finds, and save it while the second runs
        clear(image)
        for argv in contender.commands(image):
            run(argv, contender.environment)
        receipt: dict[str, Any] = json.loads(receipt_of(image).read_text(encoding="utf-8"))
        if receipt["appliance"]["warm"]:
            return receipt
    say("the appliance did not start warm, so imagekit is measured as it is")
    return receipt


def receipt_of(image: Path) -> Path:
    """Return where imagekit writes the receipt of an image."""
    return image.with_name(f"{image.name}.receipt.json")


def peers_environment(receipt: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment that gives the peers the accelerator that imagekit found to work."""
    settings = "force_tcg" if receipt["appliance"]["accelerator"] == "tcg" else ""
    return {**os.environ, "LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": settings}
