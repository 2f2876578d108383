"""Compiling: the decorators of the engine, and where machine code is kept.

It is kept under NUMBA_CACHE_DIR, or else in the cache folder of whoever runs joinedup, or where
that cannot be written in JOINEDUP_HOME/compiled; there in a folder named after the sources, so that
a changed line never meets code compiled before it.
"""

import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import config, types
from numba.extending import intrinsic

__all__ = ["compiled", "entry", "kept_in", "pointed", "wide"]

Function = TypeVar("Function", bound=Callable[..., Any])

PLANNING = Path(__file__).resolve().parent.parent
# What compiled code has the numbers of, beside its own sources.
NAMES_NUMBERS = ("statistics.py", "network/curves.py")


def kept_in() -> Path:
    """Return the folder that machine code of these very sources is kept in."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(named) if named else _cache_folder()) / _digest()


def _cache_folder() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    nearest = next(folder for folder in (cache, *cache.parents) if folder.exists())
    home = os.environ.get("JOINEDUP_HOME")
    if home and not os.access(nearest, os.W_OK):
        return Path(home) / "compiled"
    return cache / "joinedup" / "compiled"


def _digest() -> str:
    seen = blake2b(f"{numba.__version__} {np.__version__}".encode(), digest_size=8)
    sources = [*PLANNING.glob("engine/*.py"), *PLANNING.glob("chance/*.py")]
    for source in [*sorted(sources), *(PLANNING / name for name in NAMES_NUMBERS)]:
        seen.update(source.read_bytes())
    return seen.hexdigest()


def entry(function: Function) -> Function:
    """Return a function that Python calls, as machine code made at its first call and kept.

    It runs without Python's lock, divides as the processor does, and reorders no arithmetic.
    """
    return _made(function)


def compiled(function: Function) -> Function:
    """Return a function that only compiled ones call: `entry` without the way in from Python."""
    return _made(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def _made(function: Function, **options: bool) -> Function:
    settings: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", **options}
    return cast("Function", numba.njit(**settings)(function))


def pointed(dtype: "np.dtype[Any]") -> Callable[[int, int], Any]:
    """Return a compiled function of (address, index) that gives one record of a table by reference.

    Arrays handed from function to function cost numba a count of references each time, and long
    argument lists cost it minutes of compiling; an address costs neither. Nothing checks the
    index: whoever made the table keeps it alive and large enough.
    """
    record = numba.from_dtype(dtype)
    size = dtype.itemsize

    @intrinsic
    def at(typing_context: Any, address: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, index = arguments
            offset = builder.mul(index, index.type(size))
            place = builder.add(address, offset)
            return builder.inttoptr(place, context.get_value_type(record))

        return record(types.int64, types.int64), generate

    return cast("Callable[[int, int], Any]", at)


config.CACHE_DIR = str(kept_in())  # type: ignore[attr-defined]  # set as it is loaded


@compiled
def wide(number: Any) -> Any:
    """Return a 32-bit number as the 64-bit one that functions are compiled for, once."""
    return np.int64(number)
