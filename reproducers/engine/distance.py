"""How far two fingerprints are apart: one bug may change its error over the releases. Pure.

The class is the anchor: an exception is never the same as a hang. Within it frames tell most, then
the message, then the type, which releases change the most lightly.
"""

from collections.abc import Collection, Iterable
from typing import Final

from reproducers.engine.fingerprint import Fingerprint

SAME: Final = 0.5
"""Up to this distance two fingerprints are taken for one bug."""

FAR: Final = 1.0
_FRAMES, _MESSAGE, _TYPE = 0.6, 0.25, 0.15
_OF_DASK: Final = frozenset({"dask", "distributed"})
_WEIGHTS: Final = (3, 2, 1)  # innermost first


def distance(one: Fingerprint, other: Fingerprint) -> float:
    """From 0, the same, to 1, nothing in common; symmetric.

    Where neither has frames, message and type decide alone.
    """
    if one.symptom is not other.symptom:
        return FAR
    message = _apart(one.message.lower().split(), other.message.lower().split())
    type_differs = float(one.type != other.type)
    rest = _MESSAGE * message + _TYPE * type_differs
    if not one.places and not other.places:
        return rest / (_MESSAGE + _TYPE)
    return _FRAMES * _frames_apart(one.places, other.places) + rest


def _apart(one: Collection[str], other: Collection[str]) -> float:
    """The share of the words of both that only one has."""
    every = {*one, *other}
    return len({*one} ^ {*other}) / len(every) if every else 0.0


def _frames_apart(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    return max(_missing(one, other), _missing(other, one))


def _missing(places: tuple[str, ...], among: tuple[str, ...]) -> float:
    """The weighted share of `places` that are not `among` the other ones."""
    if not places:
        return FAR
    weights = _WEIGHTS[: len(places)]
    found = sum(
        weight * max((_alike(place, known) for known in among), default=0.0)
        for place, weight in zip(places, weights, strict=True)
    )
    return 1 - found / sum(weights)


def _alike(one: str, other: str) -> float:
    """1 for the same place, less for another function of the same file, or of the same package.

    That counts only where the package is not of Dask's: its own versions change its frames.
    """
    if one == other:
        return 1.0
    if one.partition(":")[0] == other.partition(":")[0]:
        return 0.5
    package = one.partition("/")[0]
    is_same = package == other.partition("/")[0] and package not in _OF_DASK
    return 0.25 if is_same else 0.0


def nearest(found: Fingerprint, known: Iterable[Fingerprint]) -> float:
    """The distance to the nearest of the fingerprints of one bug; 1 without any."""
    return min((distance(found, one) for one in known), default=FAR)


def with_alias(found: Fingerprint, known: tuple[Fingerprint, ...]) -> tuple[Fingerprint, ...]:
    """The fingerprints seen as one bug, with `found` added where it is one of them and new."""
    if found in known or nearest(found, known) > SAME:
        return known
    return (*known, found)
