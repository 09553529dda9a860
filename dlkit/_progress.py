"""Progress of long work under ``verbose=1``: a line now and then, silence for short work."""

import sys
import time
from threading import Lock


class Progress:
    """Counts work done and prints a line every other second.

    Parameters
    ----------
    name : str
        What the lines begin with.
    total : int
        Units of work in all.
    verbose : int or bool
        Nothing is ever printed when 0.
    every : float, default=2.0
        Seconds between lines.
    """

    def __init__(self, name, total, verbose, *, every=2.0):
        self.name, self.total, self.verbose, self.every = name, total, verbose, every
        self.done, self.start = 0, time.monotonic()
        self.last = self.start
        self._lock = Lock()

    def advance(self, amount):
        """Count ``amount`` more units as done."""
        if not self.verbose:
            return
        with self._lock:
            self.done += amount
            now = time.monotonic()
            if now - self.last >= self.every or (
                self.done >= self.total and self.last > self.start
            ):
                self.last = now
                share = 100 * self.done / self.total
                print(
                    f"[{self.name}] {share:3.0f} % after {now - self.start:.0f} s", file=sys.stdout
                )
