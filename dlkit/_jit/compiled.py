"""How dlkit's loops are compiled: the decorators, a cache that no edit leaves stale, one notice.

To tell whether cached machine code is up to date, Numba looks at the file of a function only, not
at those of the functions that it calls. Here the stamp covers all files of this folder. Where no
folder can be written to, nothing is cached.
"""

import hashlib
import sys
from contextlib import contextmanager, suppress
from functools import lru_cache, partial, singledispatch
from pathlib import Path

import numpy as np
from numba import config, njit, types
from numba.core import event
from numba.core.caching import FunctionCache
from numba.extending import overload

# Strict arithmetic where the order of operations could be the compiler's choice; multiply and add
# may be fused (on every machine alike) where each sum has one product.
STRICT = {"nogil": True, "error_model": "numpy"}
FUSED = {**STRICT, "fastmath": {"contract"}}
# What only compiled functions call is compiled without what Python would need to call it, and does
# not count who has an array: its callers have all. So it may make none, and gives none back but to
# one of its kind.
INNER = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}


@lru_cache(maxsize=1)
def _sources():
    """Hash of all that is compiled."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


class _Cache(FunctionCache):
    def __init__(self, function):
        super().__init__(function)
        file = self._cache_file
        file._source_stamp = file._source_stamp, _sources()
        file._load_index = partial(_or_else, {}, file._load_index)

    def load_overload(self, sig, target_context):
        return _or_else(None, super().load_overload, sig, target_context)

    def save_overload(self, sig, data):
        with suppress(OSError):  # a folder that cannot be written to any more, a full disk
            super().save_overload(sig, data)


def _or_else(nothing, load, *arguments):
    """What is loaded from a cache; nothing if a file there cannot be read.

    A file may be cut short (a process was interrupted, a disk was full), be another user's, or name
    types that are no longer there.
    """
    try:
        return load(*arguments)
    except Exception:
        return nothing


def compiled(function=None, *, fused=False, fastmath=None):
    """Compile a loop that Python calls, and keep the machine code on disk.

    Parameters
    ----------
    fused : bool, default=False
        Whether multiply and add may be fused.
    fastmath : set of str, default=None
        What else the compiler may do, by LLVM's names.
    """
    if function is None:
        return partial(compiled, fused=fused, fastmath=fastmath)
    options = {**STRICT, "fastmath": fastmath} if fastmath else FUSED if fused else STRICT
    loop = njit(**options)(function)
    if not config.DISABLE_JIT:
        with suppress(RuntimeError):  # no folder can be written to
            loop._cache = _Cache(function)
    return loop


def inner(function=None, *, fused=False):
    """Compile what only compiled functions call, see `INNER`."""
    if function is None:
        return partial(inner, fused=fused)
    return njit(**(FUSED if fused else STRICT), **INNER)(function)


def generic(function=None, *, fused=False):
    """Make a function that has an implementation for each type of its first argument.

    Each is entered by ``@function.register(type)``, as of `functools.singledispatch`. What is
    compiled is only the implementation that is called, since the type is then known.

    Examples
    --------
    >>> from dlkit._jit.compiled import generic
    >>> @generic
    ... def size(thing):
    ...     "Number of its entries."
    >>> @size.register(type(None))
    ... def _(thing):
    ...     return 0
    >>> size(None)
    0
    """
    if function is None:
        return partial(generic, fused=fused)
    dispatching = singledispatch(function)

    def choose(*arguments):
        return dispatching.dispatch(_python_type(arguments[0]))

    options = {**(FUSED if fused else STRICT), **INNER}
    overload(dispatching, jit_options=options, strict=False)(choose)
    return dispatching


def _python_type(kind):
    if isinstance(kind, types.BaseNamedTuple):
        return kind.instance_class
    return type(None) if isinstance(kind, types.NoneType) else np.ndarray


class _Notice(event.Listener):
    """Prints a line when the first loop is about to be compiled."""

    def __init__(self):
        self.given = False

    def on_start(self, event):
        if not self.given:
            self.given = True
            print("[dlkit] compiling loops, once: some seconds", file=sys.stdout, flush=True)

    def on_end(self, event):
        pass


_NOTICE = _Notice()


@contextmanager
def compile_notice(verbose):
    """Context that says when a first loop is compiled, before the wait, once in a process.

    Parameters
    ----------
    verbose : int or bool
        Nothing is printed when 0.
    """
    if not verbose or _NOTICE.given:
        yield
        return
    with event.install_listener("numba:compile", _NOTICE):
        yield
