"""How much memory a process holds, and the most that it held."""

import os
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["Peak", "resident"]

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def resident(pid):
    """Bytes of memory that a process holds; NaN where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, ValueError, IndexError):
        return float("nan")


class Peak:
    """The most memory that this process held since the start, beyond what it held then.

    On Linux it is read from ``/proc``. Elsewhere on Unix it is known only where it is more than
    ever before; on other systems it is NaN.
    """

    def __init__(self):
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts anew
        self.before = resident("self")
        if self.before != self.before:
            self.before = _most()

    def read(self):
        """Bytes."""
        return max(0.0, _most() - self.before)


def _most():
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024.0 * int(line.split()[1])
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return float("nan")
    scale = 1 if sys.platform == "darwin" else 1024
    return float(scale * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
