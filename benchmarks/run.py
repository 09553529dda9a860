"""Run the benchmarks: dlkit and its peers on the same data, in turn, in one process.

    python benchmarks/run.py                          # all of them; the table goes to stdout
    python benchmarks/run.py series_states growth     # these
    python benchmarks/run.py --list
    python benchmarks/run.py --quick                  # does everything run? figures mean nothing
    python benchmarks/run.py --write                  # and put the figures into README.md
    python benchmarks/run.py --profile fit_speed      # instead: where dlkit's time goes

A benchmark is a file in ``speed/``, ``accuracy/`` or ``memory/``. Some hold the work, its sizes and
what is asked (see `_bench.py`), and are timed here. Others are scripts that print figures of their
own; each runs as it is, and its tables and "asked / measured" lines are collected. Peers come with
``pip install -e ".[benchmarks]"``; one that is not installed is left out, and the table says so.
"""

import argparse
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import _bench
import _peers
from _common import limit_threads, machine, table
from _timing import conditions

HERE = Path(__file__).parent
FILES = {path.stem: path for path in HERE.glob("*/*.py") if not path.stem.startswith("_")}
sys.path += [str(HERE / folder) for folder in ("speed", "accuracy", "memory")]
TIMED = [
    "series_states", "bounds", "sequences_states", "sequences_features", "readout_loo",
    "first_result", "growth", "fit_speed", "forecaster_speed", "closed_loop", "cells_cost",
    "spherical_kmeans", "conv_encode", "conv_volumes", "rocket_speed", "quant", "rbm_speed", "msda",
]  # fmt: skip
SCRIPTS = {  # name: arguments of a --quick run, None if it has none
    "grid_search": ["--rounds", "1", "--share", "0.02"],
    "stream_memory": ["--steps", "200000"], "bytes_moved": [], "japanese_vowels": None,
    "contention": ["--calls", "3", "--rows", "classifier", "ridge"],
    "narma": None, "mackey_glass": None, "lorenz": None, "airline": None,
    "chaos": ["--quick"], "memory_capacity": None,
    "long_memory": None, "spoken_digits": None, "mnist_scan": ["--quick"], "conv_memory": None,
    "mnist": ["--quick"], "mnist_kernels": ["--quick"], "digits": ["--quick"],
    "conv_rbm": ["--quick"], "mnist_stack": ["--quick"], "few_labels": ["--quick"],
    "rocket_accuracy": None, "logistic": None, "associative": None, "g2p": ["--quick"],
    "memory_tasks": ["--quick"], "sequence_models": ["--quick"], "readout_probabilities": None,
    "m3": ["--peers", "--share", "0.05"], "nine_series": None,
    "copies": ["--quick"], "lexique": ["--quick"], "number_words": ["--quick"],
    "dates": ["--quick"],
    "intervals": None, "bursts": None, "positions": ["--quick"],
    "images": ["--quick"], "image_defaults": ["--quick"],
    "letters": ["--quick"], "positions_memory": ["--quick"],
    "readout_memory": ["--quick"],
    "alkanes": ["--quick"], "glycans": ["--quick"], "graphs": ["--quick"], "listops": ["--quick"],
    "dependencies": ["--quick"], "balanced": ["--quick"], "forest_memory": ["--quick"],
    "baselines": ["--quick"], "ucr_packaged": None,
}  # fmt: skip
PEERS = (
    "reservoirpy", "PyRCN", "echoes", "reservoir-computing", "torch", "aeon", "statsforecast",
    "flaircast",
)  # fmt: skip
BEGIN, END = "<!-- figures of run.py: begin -->", "<!-- figures of run.py: end -->"
HEADER = ("benchmark", "what", "asked", "measured", "met")
VERDICT = re.compile(r"^(.*): asked (.*) / measured (.*): (met|NOT MET)$", re.MULTILINE)


def names():
    """Benchmarks and scripts there are, in order."""
    return [*TIMED, *SCRIPTS]


def title(name):
    """Return what a benchmark or script does, in a line."""
    if name in TIMED:
        return import_module(name).BENCHMARK.title
    return FILES[name].read_text().partition('"""')[2].partition("\n")[0].strip('". ')


def collect(output):
    """Tables and verdicts out of what a script prints, as `_bench.run` returns them."""
    lines = output.splitlines()
    kept = [
        line for i, line in enumerate(lines)
        if line.startswith("|") or (i and lines[i - 1].startswith("|"))
    ]  # fmt: skip
    verdicts = [
        _bench.Verdict(what, asked, measured, met == "met")
        for what, asked, measured, met in VERDICT.findall(output)
    ]
    return "\n".join(line if line.startswith("|") else "" for line in kept).strip(), verdicts


def run_script(name, quick):
    """Tables and verdicts of a script, run in a process of its own."""
    arguments = SCRIPTS[name] if quick else []
    if name == "grid_search" and not quick:
        arguments = ["--share", "1"]
        arguments += ["--peers"] * (_peers.installed("reservoirpy") and _peers.installed("pyrcn"))
    command = [sys.executable, str(FILES[name]), *arguments]
    return collect(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def rows(name, verdicts):
    """Lines of the summary, as cells."""
    return [(name, v.what, v.asked, v.measured, "yes" if v.met else "**no**") for v in verdicts]


def section(name, text, verdicts, when):
    """Write what is said of one benchmark."""
    summary = table(HEADER[1:], [row[1:] for row in rows(name, verdicts)])
    parts = [f"### {name}", title(name) + ".", summary if verdicts else "", text, when]
    return "\n\n".join(part for part in parts if part) + "\n"


def split(region):
    """Take the generated part of the README apart: rows of the summary, sections, by name."""
    head, *sections = re.split(r"^(?=### )", region, flags=re.MULTILINE)
    found = {}
    for line in head.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and not line.startswith("|-") and cells[0] != HEADER[0]:
            found.setdefault(cells[0], []).append(tuple(cells))
    return found, {text[4:].partition("\n")[0]: text.rstrip() + "\n" for text in sections}


def join(summary, sections, order):
    """Put the generated part together again; `split` undoes it."""
    lines = [row for name in order for row in summary.get(name, [])]
    return "\n".join(
        ["", table(HEADER, lines), "", *(sections[name] for name in order if name in sections)]
    )


def update(readme, results, order):
    """Replace in the README's text what is said of these benchmarks, and keep the rest.

    ``results`` is a dict by name of (rows of the summary, section).
    """
    before, _, rest = readme.partition(BEGIN)
    region, _, after = rest.partition(END)
    if not after and END not in rest:
        raise ValueError(f"README.md must hold the lines {BEGIN} and {END}.")
    summary, sections = split(region)
    for name, (lines, text) in results.items():
        summary[name], sections[name] = lines, text
    return f"{before}{BEGIN}\n{join(summary, sections, order)}{END}{after}"


def versions():
    found = []
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help="benchmarks (default: all)")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--rounds", type=int, default=7, help="rounds at most (default: 7)")
    parser.add_argument("--threads", type=int, default=2, help="dlkit's and BLAS's (default: 2)")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--write", action="store_true", help="put the figures into README.md")
    parser.add_argument("--profile", action="store_true", help="profile dlkit, time nothing")
    args = parser.parse_args()
    if args.list:
        print(table(("benchmark", "what it does"), [(name, title(name)) for name in names()]))
        return None
    if unknown := set(args.names) - set(names()):
        parser.error(f"no benchmark of that name: {', '.join(sorted(unknown))}")
    if args.quick and args.write:
        parser.error("--quick gives no figures worth writing")
    rounds = 1 if args.quick else args.rounds
    chosen = [name for name in names() if name in (args.names or names())]
    if args.profile:
        with limit_threads(args.threads):
            for name in [name for name in chosen if name in TIMED]:
                _bench.profile(import_module(name).BENCHMARK, args.threads, args.quick)
        return None
    print(f"{machine()}\n\nPeers: {versions()}\n", flush=True)
    results, agreed = {}, True
    for name in chosen:
        progress = _bench.progress(name)
        progress("starts")
        if name in TIMED:
            with limit_threads(args.threads):
                benchmark = import_module(name).BENCHMARK
                text, verdicts = _bench.run(benchmark, rounds, args.threads, args.quick, progress)
                when = f"{machine()}; {conditions()}; {versions()}."
        elif args.quick and SCRIPTS[name] is None:
            progress("left out: it has no --quick")
            continue
        else:
            text, verdicts = run_script(name, args.quick)
            when = f"{machine()}."
        written = section(name, text, verdicts, when)
        results[name] = rows(name, verdicts), written
        print(written, flush=True)
        if args.write:  # at once, so that an interrupted run has not run for nothing
            readme = HERE / "README.md"
            readme.write_text(update(readme.read_text(), results, names()))
        agreed &= all(verdict.met for verdict in verdicts if verdict.what == _bench.AGREE)
    print(table(HEADER, [row for lines, _ in results.values() for row in lines]))
    return None if agreed else "Some results do not agree: their times mean nothing."


if __name__ == "__main__":
    sys.exit(main())
