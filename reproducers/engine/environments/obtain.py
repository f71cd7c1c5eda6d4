"""The one way to an environment: what is asked for, resolved, built where it is missing, held."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final

from reproducers.engine import places, releases
from reproducers.engine.environments import downloads, eviction, resolution, store
from reproducers.engine.environments.building import Build
from reproducers.engine.environments.enclosed import Enclosed
from reproducers.engine.environments.environment import Environment, EnvironmentRefused
from reproducers.engine.environments.layout import ENVIRONMENT, Layout
from reproducers.engine.environments.locks import Lease, exclusive
from reproducers.engine.environments.manifest import Manifest
from reproducers.engine.environments.progress import Progress
from reproducers.engine.environments.request import Request, read_request
from reproducers.engine.environments.resolution import Lock
from reproducers.engine.environments.store import Stored
from reproducers.engine.environments.workplace import building
from reproducers.engine.errors import UsageError
from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.interpreters import find, minor_of
from reproducers.engine.job import EnvironmentSpec, Isolation
from reproducers.engine.report import EnvironmentFacts
from reproducers.engine.verdicts import Verdict

FORMAT: Final = 1
"""Part of every key: raised when environments are laid out in another way."""


def obtain(
    spec: EnvironmentSpec,
    *,
    emit: Emit,
    cancelled: Cancelled,
    isolation: Isolation = "bubblewrap",
    limit_bytes: int | None = None,
) -> Environment:
    """The environment of `spec`, built if this machine has not got it, held until closed.

    Where it is built, others go that were not used lately, until all fit into `limit_bytes` (None:
    as the home is set).
    Raises EnvironmentRefused (a verdict), MissingPython, UnknownRelease, EnvironmentServiceError
    (index or disk), IsolationError, and Cancellation.
    """
    progress = Progress(emit, cancelled)
    request = read_request(spec, today=releases.today())
    layout = Layout(
        interpreter=request.interpreter, isolation=isolation, empty=places.folder("empty")
    )
    lock = resolution.kept(request) or _resolve(request, layout, progress)
    key = _key(layout, lock)
    while (lease := store.hold(key)) is None:
        _build(key, request, layout, lock, progress)
        eviction.evict(limit_bytes=limit_bytes, sparing=(key,))
    progress.say("ready")
    return _environment(key, request, layout, lock, lease)


def obtain_again(one: Stored, lock_text: str, *, emit: Emit, cancelled: Cancelled) -> None:
    """Build an environment anew that was removed, from the very lock it was built from.

    Raises as `obtain` does, and UsageError where its interpreter has changed since.
    """
    progress = Progress(emit, cancelled)
    request = _request_of(one)
    layout = Layout(
        interpreter=request.interpreter,
        isolation=one.facts["isolation"],
        empty=places.folder("empty"),
    )
    lock = Lock(text=lock_text, packages=one.facts["packages"])
    if _key(layout, lock) != one.key:
        raise UsageError(
            f"Python {one.facts['python']}, which {one.key} was built with, is here no more.",
            remedy="`repro env build` builds one like it with the Python that is here.",
        )
    _build(one.key, request, layout, lock, progress)


def _resolve(request: Request, layout: Layout, progress: Progress) -> Lock:
    with (
        exclusive(store.build_lock(request.digest), progress, waiting_for="another resolution"),
        building(request.digest) as work,
        downloads.using(progress),
    ):
        if kept := resolution.kept(request):
            return kept
        enclosed = Enclosed(layout=layout, progress=progress)
        build = Build(request=request, enclosed=enclosed, work=work)
        lock = resolution.resolve(request, build.resolve)
        resolution.keep(request, lock)
        return lock


def _build(key: str, request: Request, layout: Layout, lock: Lock, progress: Progress) -> None:
    with exclusive(store.build_lock(key), progress, waiting_for="another builder of the same"):
        if store.stored(key):
            return
        _raise_refusal(key)
        with building(key) as work:
            enclosed = Enclosed(layout=layout, progress=progress)
            build = Build(request=request, enclosed=enclosed, work=work)
            manifest = build.compile(_installed(build, lock))
            _try_out(key, build)
            store.finish(key, work, _facts(request, layout, lock), manifest)


def _installed(build: Build, lock: Lock) -> Manifest:
    try:
        with downloads.using(build.enclosed.progress):
            return build.install(lock)
    finally:
        downloads.bound()


def _try_out(key: str, build: Build) -> None:
    """Believe a failing canary only the second time: the first may be the machine's fault."""
    with suppress(EnvironmentRefused):
        build.try_out()
        return
    try:
        build.try_out()
    except EnvironmentRefused as refused:
        store.refuse(key, {"reason": refused.reason, "detail": refused.detail})
        raise


def _raise_refusal(key: str) -> None:
    if said := store.refusal(key):
        raise EnvironmentRefused(Verdict.BAD_ENVIRONMENT, said["reason"], said["detail"])


def _key(layout: Layout, lock: Lock) -> str:
    kind = "inside" if layout.is_inside else "host"
    named = (
        f"{FORMAT} {kind} {layout.interpreter.version} {layout.interpreter.prefix} {lock.digest}"
    )
    return hashlib.sha256(named.encode()).hexdigest()[:20]


def _facts(request: Request, layout: Layout, lock: Lock) -> Mapping[str, Any]:
    """What it was built from, so that it can be told to people and built again."""
    return {
        "python": request.interpreter.version,
        "isolation": "none" if layout.isolation == "none" else "bubblewrap",
        "requirements": request.requirements,
        "constraints": request.constraints,
        "overrides": request.overrides,
        "as_of": request.as_of.isoformat(),
        "index_url": request.index_url,
        "nightly_index": request.nightly_index,
        "lock": lock.digest,
        "packages": lock.packages,
    }


def _request_of(one: Stored) -> Request:
    facts = one.facts
    if "index_url" not in facts:
        raise UsageError(
            f"It is not known what {one.key} was built from.",
            remedy="`repro env build` builds another one like it.",
        )
    return Request(
        interpreter=find(minor_of(facts["python"])),
        requirements=tuple(facts["requirements"]),
        constraints=tuple(facts["constraints"]),
        overrides=tuple(facts["overrides"]),
        as_of=date.fromisoformat(facts["as_of"]),
        index_url=facts["index_url"],
        nightly_index=facts["nightly_index"],
    )


def _environment(
    key: str, request: Request, layout: Layout, lock: Lock, lease: Lease
) -> Environment:
    tree = store.tree_of(key)
    inside = layout.place(tree, ENVIRONMENT)
    return Environment(
        key=key,
        folder=tree,
        python=f"{inside}/bin/python",
        mounts=(*layout.python_mounts(), *layout.mount(tree, ENVIRONMENT)),
        variables={
            "PATH": f"{inside}/bin:/usr/bin:/bin",
            "VIRTUAL_ENV": inside,
            **layout.python_variables(),
        },
        facts=EnvironmentFacts(
            python=request.interpreter.version,
            dask=lock.packages.get("dask"),
            distributed=lock.packages.get("distributed"),
            as_of=request.as_of.isoformat(),
            lock=lock.digest,
            packages=dict(lock.packages),
        ),
        lease=lease,
        notes=(*request.notes, *lock.notes),
    )
