"""The value that a script leaves in `result`, as bounded plain JSON that two runs are compared by.

Shapes, dtypes, names, order and the kinds of what is missing are kept. What only changes with the
version of pandas is not: the storage of text, the resolution of times, and how text says that it is
missing. Of what is long the values are summed up in blocks, so that a difference can be placed: of
floats in sums that bear rounding, of anything else in digests.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sys
from typing import Any, Iterator

VALUES = 2000
BLOCKS = 500
COLUMNS = 200
ITEMS = 1000
LEAVES = 20_000
DEPTH = 8
CHARACTERS = 200


def write(value: Any, output: str) -> None:
    """Write `result.json`. Never raises: what cannot be told is left out."""
    target = f"{output}/result.json"
    try:
        with open(f"{target}.part", "w", encoding="utf-8", errors="replace") as file:
            json.dump({"schema": 1, "value": Canonical().of(value, 0)}, file, allow_nan=False)
        os.replace(f"{target}.part", target)
    except Exception as trouble:
        print(f"(the result could not be kept: {trouble!r})", file=sys.stderr)  # noqa: T201


def computed(value: Any) -> Any:
    """A collection of Dask's, or a future, as its value; raises what computing it raises."""
    dask, distributed = sys.modules.get("dask"), sys.modules.get("distributed")
    if dask is not None and dask.is_dask_collection(value):
        return value.compute()
    if distributed is not None and isinstance(value, distributed.Future):
        return value.result()
    return value


class Canonical:
    """Turns values into plain JSON, of all together at most so many leaves."""

    def __init__(self) -> None:
        self._left = LEAVES

    def of(self, value: Any, depth: int) -> dict[str, Any]:
        self._left -= 1
        if depth > DEPTH or self._left < 0:
            return {"type": kind(value), "digest": digest(shown(value))}
        value = on_the_host(value)
        pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
        if pandas is not None and isinstance(value, pandas.DataFrame):
            return self._frame(value)
        if pandas is not None and isinstance(value, pandas.Series):
            index = self._index(value.index)
            return {"type": "Series", "index": index, "values": self._column(value)}
        if pandas is not None and isinstance(value, pandas.Index):
            return {"type": "Index", "index": self._index(value)}
        if numpy is not None and isinstance(value, numpy.ndarray) and value.shape:
            return self._array(value)
        if numpy is not None and isinstance(value, (numpy.generic, numpy.ndarray)):
            return {"type": str(value.dtype), "value": plain(value.item())}
        return self._other(value, depth)

    def _other(self, value: Any, depth: int) -> dict[str, Any]:
        if isinstance(value, dict):
            return self._mapping(value, depth)
        if isinstance(value, (set, frozenset)):
            return self._items("set", sorted(value, key=shown), depth)
        if isinstance(value, (list, tuple)):
            return self._items(kind(value), list(value), depth)
        return {"type": kind(value), "value": plain(value)}

    def _items(self, name: str, values: list[Any], depth: int) -> dict[str, Any]:
        facts: dict[str, Any] = {"type": name, "length": len(values)}
        facts["items"] = [self.of(value, depth + 1) for value in values[:ITEMS]]
        if values[ITEMS:]:
            facts["rest"] = digest("\n".join(map(shown, values[ITEMS:])))
        return facts

    def _mapping(self, values: Any, depth: int) -> dict[str, Any]:
        named = [(text_of(key), value) for key, value in values.items()]
        named.sort(key=lambda pair: pair[0])
        facts: dict[str, Any] = {"type": "dict", "length": len(values)}
        facts["items"] = {key: self.of(value, depth + 1) for key, value in named[:ITEMS]}
        if named[ITEMS:]:
            facts["rest"] = digest(
                "\n".join(f"{key}: {shown(value)}" for key, value in named[ITEMS:])
            )
        return facts

    def _frame(self, frame: Any) -> dict[str, Any]:
        names = [shown(name) for name in frame.columns]
        columns = [self._column(frame.iloc[:, place]) for place in range(min(len(names), COLUMNS))]
        return {
            "type": "DataFrame",
            "shape": list(frame.shape),
            "columns": names[:COLUMNS],
            "index": self._index(frame.index),
            "values": columns,
        }

    def _index(self, index: Any) -> Any:
        if getattr(index, "nlevels", 1) == 1:
            return self._column(index)
        return [self._column(index.get_level_values(level)) for level in range(index.nlevels)]

    def _column(self, values: Any) -> dict[str, Any]:
        """A Series or an Index."""
        facts: dict[str, Any] = {"name": shown(values.name), "dtype": family(values)}
        if hasattr(values, "cat") or hasattr(values, "categories"):
            categories = getattr(values, "cat", values)
            facts["ordered"] = bool(categories.ordered)
            facts["categories"] = self._column(categories.categories)
            values = values.astype(object)
        is_plain = isinstance(values.dtype, sys.modules["numpy"].dtype)
        flat = values.to_numpy() if is_plain else values.to_numpy(dtype=object)
        return {**facts, **self._flat(flat, is_text=facts["dtype"] == "text")}

    def _array(self, array: Any) -> dict[str, Any]:
        facts: dict[str, Any] = {"type": "array", "dtype": unit_free(str(array.dtype))}
        facts["shape"] = list(array.shape)
        mask = getattr(array, "mask", None)
        if getattr(mask, "shape", None):
            facts["mask"] = self._flat(array.mask.ravel())
            array = array.filled(0 if array.dtype.kind in "biufc" else None)
        return {**facts, **self._flat(array.ravel())}

    def _flat(self, array: Any, is_text: bool = False) -> dict[str, Any]:
        """A one-dimensional NumPy array."""
        self._left -= min(len(array), VALUES)
        if len(array) <= VALUES and self._left >= 0:
            return {"values": [missing_as_none(value, is_text) for value in listed(array)]}
        size = -(-len(array) // BLOCKS)
        blocks = [array[start : start + size] for start in range(0, len(array), size)]
        summed = sums if array.dtype.kind == "f" else digests
        return {"length": len(array), "blocks": [summed(block, is_text) for block in blocks]}


def on_the_host(value: Any) -> Any:
    """What lies on a GPU, fetched."""
    package = type(value).__module__.partition(".")[0]
    if package == "cupy" and hasattr(value, "get"):
        return value.get()
    if package == "cudf" and hasattr(value, "to_pandas"):
        return value.to_pandas()
    return value


def sums(block: Any, is_text: bool) -> dict[str, Any]:
    """Weighted by position, and by sign, so that neither order nor signs can cancel."""
    numpy = sys.modules["numpy"]
    block = block.astype("float64")
    finite = numpy.where(numpy.isfinite(block), block, 0.0)
    weights = 1 + numpy.arange(len(block)) / len(block)
    weighted = finite * weights
    return {
        "above": plain(float(weighted[weighted > 0].sum())),
        "below": plain(float(weighted[weighted < 0].sum())),
        "nan": digest(numpy.isnan(block).tobytes()),
        "infinite": digest((numpy.isinf(block) * numpy.sign(block)).tobytes()),
    }


def digests(block: Any, is_text: bool) -> str:
    if block.dtype.kind in "biu":
        return digest(block.tobytes())
    return digest(json.dumps([missing_as_none(value, is_text) for value in listed(block)]))


def listed(array: Any) -> Iterator[Any]:
    if array.dtype.kind in "mM":
        for value in array:
            yield str(value.astype(f"{array.dtype.kind}8[ns]"))
        return
    for value in array.tolist():
        yield plain(value)


def missing_as_none(value: Any, is_text: bool) -> Any:
    return None if is_text and value in ("nan", "<NA>") else value


def family(values: Any) -> str:
    """The dtype, but for what pandas changed between its versions."""
    name = str(values.dtype)
    if name in ("str", "string") or name.startswith(("string[", "large_string[")):
        return "text"
    if name == "object":
        inferred = sys.modules["pandas"].api.types.infer_dtype(values, skipna=True)
        return "text" if inferred in ("string", "empty") else "object"
    return unit_free(name)


def unit_free(name: str) -> str:
    return re.sub(r"^([<>]?[mM]8|datetime64|timedelta64)\[(?:s|ms|us|ns)(.*)\]$", r"\1\2", name)


def plain(value: Any) -> Any:
    """One value as JSON has it; numbers that JSON has not, and what is missing, by their names."""
    if value is None or isinstance(value, (bool, int)):
        return value if value is None or abs(value) < 2**63 else str(value)[:CHARACTERS]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return shown(value)


def text_of(key: Any) -> str:
    """A key, told apart from one that only looks the same, such as "1" from 1."""
    return repr(key)[:CHARACTERS] if isinstance(key, str) else shown(key)


def shown(value: Any) -> str:
    """Text of a bounded length; of a long one its beginning and a digest. No addresses."""
    try:
        text = value if isinstance(value, str) else re.sub(r"0x[0-9a-f]+", "0x", repr(value))
    except Exception:
        return "(it cannot be shown)"
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}... {digest(text)}"


def kind(value: Any) -> str:
    """What a scalar of Python's is called in NumPy, since releases return one or the other."""
    name = type(value).__name__[:CHARACTERS]
    same = {"int": "int64", "float": "float64", "complex": "complex128", "NoneType": "None"}
    return same.get(name, name)


def digest(content: Any) -> str:
    encoded = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return hashlib.sha256(encoded).hexdigest()[:32]
