"""Work in a process of its own, to measure peak memory or the time of a fresh start."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path


def call(script, *arguments, **environment):
    """Run ``script --child arguments`` and return the figures it reports."""
    command = [sys.executable, str(script), "--child", *map(str, arguments)]
    run = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def arguments():
    """Return the arguments of a script that was called as a child, or None."""
    return sys.argv[2:] if sys.argv[1:2] == ["--child"] else None


def report(**figures):
    """Hand figures to the parent."""
    print(json.dumps(figures))


def memory(name):
    """Megabytes of this process, by Linux's name for them: VmRSS, VmHWM, RssAnon."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1e3


def peak_memory():
    """Most memory this process has held so far, in MB."""
    try:
        return memory("VmHWM")  # in ru_maxrss Linux keeps what the parent held before
    except OSError:
        unit = 1e6 if sys.platform == "darwin" else 1e3
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
