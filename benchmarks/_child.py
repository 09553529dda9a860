"""Work in a process of its own: for peak memory, and for what a fresh start costs."""

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


def peak_memory():
    """Most memory this process has held so far, in MB."""
    try:  # Linux keeps in ru_maxrss what the parent held before; this line of the file is our own
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1e3
    except OSError:
        unit = 1e6 if sys.platform == "darwin" else 1e3
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
