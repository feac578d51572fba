"""A farm on a Dask cluster: an executor whose every task holds one appliance of a worker.

Workers say how many appliances they can run at a time: ``dask worker ADDRESS --nthreads 1 --resources appliance=1``.
They need imagekit of the same version, libguestfs, and the same paths for images, outputs and logs. Dask gives the task
of a lost worker to another one, and may run a task again that was done (distributed issue 7870); a task recognises a
finished output, so neither makes anything twice. A task that runs cannot be cancelled (distributed issue 2106): what
ends it is its stop file.
"""

from __future__ import annotations

import contextlib
import logging
import platform
import warnings
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, TypeVar

from imagekit.engine.version import imagekit_version
from imagekit.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future
    from types import ModuleType

RESOURCE = "appliance"
"""What a worker offers and a task takes one of; see Dask's worker resources."""
T = TypeVar("T")
_LOGGERS = ("distributed", "distributed.client")


class DaskMissing(HostError):
    """A farm is to run on Dask, which is not installed."""

    code = "IK-FARM-060"

    def __init__(self) -> None:
        super().__init__("distributed is not installed", fix="run: pip install 'imagekit-guestfs[dask]'")


class SchedulerUnreachable(HostError):
    """Nobody answers at the address of a Dask scheduler."""

    code = "IK-FARM-061"

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(
            f"no Dask scheduler answers at {address}", why=reason, fix="start one: dask scheduler --port 8786"
        )


class NoSlots(HostError):
    """No worker of a Dask cluster offers an appliance."""

    code = "IK-FARM-062"

    def __init__(self, address: str, workers: int) -> None:
        self.address = address
        self.workers = workers
        super().__init__(
            f"the Dask cluster at {address} has no slot for an appliance",
            why=f"of its {workers} workers none offers the resource {RESOURCE!r}" if workers else "it has no workers",
            fix=f"start workers: dask worker {address} --nthreads 1 --resources {RESOURCE}=1",
        )


class WorkersDiffer(HostError):
    """Workers of a Dask cluster have other versions than this host."""

    code = "IK-FARM-063"

    def __init__(self, address: str, differences: tuple[str, ...]) -> None:
        self.address = address
        self.differences = differences
        super().__init__(
            f"workers of the Dask cluster at {address} differ from this host",
            why="; ".join(differences),
            fix="install the same versions on all of them, and start the workers anew",
        )


class SchedulerLost(HostError):
    """A Dask scheduler went away while a farm ran on it."""

    code = "IK-FARM-064"

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(
            f"the Dask scheduler at {address} is gone", fix="start it and its workers anew, and go on with --resume"
        )


@contextlib.contextmanager
def dask_executor(address: str, *, wait: float = 10.0) -> Iterator[tuple[Executor, int]]:
    """Yield an executor on the cluster at an address, and how many of its tasks can run at a time.

    Args:
        address: of its scheduler, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.
        wait: seconds until a scheduler that does not answer is taken for none.

    Raises:
        DaskMissing: the extra ``dask`` is not installed.
        SchedulerUnreachable: nobody answers.
        NoSlots: no worker offers an appliance.
        WorkersDiffer: a worker has another version of imagekit, Python or Dask.
    """
    library = _library()
    with _quiet(), _connected(library, address, wait) as client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        slots = slots_of(workers)
        if not slots:
            raise NoSlots(address, len(workers))
        if differences := _differences(client):
            raise WorkersDiffer(address, differences)
        yield Appliances(client, address), slots


class Appliances(Executor):
    """Gives each task one appliance; once the scheduler is gone it says so, where Dask would wait for ever."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        # Not pure: two tasks that look the same are two.
        self._executor = client.get_executor(resources={RESOURCE: 1}, pure=False)

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Give a task away.

        Raises:
            SchedulerLost: there is nobody to give it to.
        """
        if self._client.status != "running":
            raise SchedulerLost(self._address)
        future: Future[T] = self._executor.submit(function, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; with ``wait`` those that were given away are waited for."""
        self._executor.shutdown(wait=wait, cancel_futures=cancel_futures)


def slots_of(workers: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many appliances workers offer in all, as the scheduler describes them."""
    return sum(int(worker.get("resources", {}).get(RESOURCE, 0)) for worker in workers.values())


def differences_of(here: Mapping[str, str], there: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Return a sentence for each version that a worker has and this host has not; of workers alike, the first is named."""
    found: dict[tuple[str, str], str] = {}
    for worker, versions in sorted(there.items()):
        for name, version in versions.items():
            if version != here[name]:
                found.setdefault((name, version), worker)
    return tuple(f"{worker} has {name} {version}, here is {here[name]}" for (name, version), worker in found.items())


def versions_here() -> dict[str, str]:
    """Return what must be the same wherever a task runs; workers are asked for it by this very function."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"imagekit": imagekit_version(), "Python": python, "distributed": _library().__version__}


def _library() -> ModuleType:
    try:
        import distributed  # noqa: PLC0415  an extra, and it takes a second
    except ImportError as missing:
        raise DaskMissing from missing
    return distributed


@contextlib.contextmanager
def _connected(library: ModuleType, address: str, wait: float) -> Iterator[Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", library.versions.VersionMismatchWarning)  # told as an error, by us
            client = library.Client(address, timeout=wait, set_as_default=False, name="imagekit-farm")
    except (OSError, ValueError, AssertionError) as error:  # the last without a word, for a name that nobody knows
        raise SchedulerUnreachable(address, str(error) or "its name cannot be resolved in time") from error
    try:
        yield client
    finally:
        client.close()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's log off stderr: it writes tracebacks there of what is told as an error here."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _differences(client: Any) -> tuple[str, ...]:
    """Ask every worker for its versions; one that cannot answer has no imagekit, or one that is too old."""
    answers = client.run(versions_here, on_error="return")
    there = {
        worker: answer if isinstance(answer, dict) else {"imagekit": f"of no use ({answer})"}
        for worker, answer in answers.items()
    }
    return differences_of(versions_here(), there)
