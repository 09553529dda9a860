"""What the benchmarks share: limits on threads, a line on the machine, tables in Markdown."""

import platform
from importlib.metadata import version

import joblib
from threadpoolctl import threadpool_limits

from dlkit import __version__

PACKAGES = ("numpy", "scipy", "scikit-learn", "numba")


def limit_threads(n_threads):
    """Hold BLAS and OpenMP to so many threads, for as long as the process runs."""
    return threadpool_limits(n_threads)


def cpu_model():
    try:
        with open("/proc/cpuinfo") as file:
            names = [
                line.split(":", 1)[1].strip() for line in file if line.startswith("model name")
            ]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def machine():
    """Describe processor, system and packages in one line."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{cpu_model()}, {joblib.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, dlkit {__version__}, {packages}"
    )


def print_protocol(doc):
    """Print a script's docstring, which holds the protocol, and the machine."""
    print(f"{doc.strip()}\n\n{machine()}\n", flush=True)


def table(header, rows):
    """Lay rows out as a Markdown table, floats to four digits."""
    cells = [[f"{c:.4g}" if isinstance(c, float) else str(c) for c in row] for row in rows]
    cells = [list(map(str, header)), *cells]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def settings(chosen):
    """Write chosen parameters as keyword arguments."""

    def text(value):
        return f"{value:.4g}" if isinstance(value, float) else repr(value)

    return ", ".join(f"{name}={text(value)}" for name, value in chosen.items())


def summary(what, asked, measured, met):
    """Print the line that counts."""
    print(f"\n{what}: asked {asked} / measured {measured}: {'met' if met else 'NOT MET'}")
