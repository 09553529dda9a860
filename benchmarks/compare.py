"""Time this checkout beside another one: dlkit's part of the timed benchmarks, in turn.

    python benchmarks/compare.py OTHER_CHECKOUT                   # all benchmarks both have
    python benchmarks/compare.py OTHER_CHECKOUT growth fit_speed --rounds 9

Each checkout runs its own benchmark files, so that a renamed parameter does not matter, in a
process of its own. A round calls one process, then the other; who is first changes from round to
round. The ratio is the seconds of this checkout divided by the other's, taken within a round, then
the median. Peers are not called. `first_result` starts processes and is left out. With one thread
the seconds are those of the processor, which other work on the machine disturbs less.
"""

import argparse
import os
import subprocess
import sys
from ast import literal_eval
from importlib import import_module
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
LEFT_OUT = {"first_result"}
OURS = "dlkit"


def ours(names):
    """Contenders that are dlkit's own: the first, those named after it, and plain sizes."""
    names = list(names)
    return [
        name for i, name in enumerate(names)
        if i == 0 or not isinstance(name, str) or name.startswith(OURS)
    ]  # fmt: skip


def serve(checkout, threads):
    """Answer calls from the other end of a pipe: what a child process does."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a benchmark prints must not get among the answers
    root = Path(checkout, "benchmarks")
    sys.path[:0] = [str(checkout), *map(str, [root, *sorted(root.glob("*/"))])]
    from time import perf_counter, process_time

    from _common import limit_threads

    contenders, limit = {}, limit_threads(threads)
    clock = process_time if threads == 1 else perf_counter
    for line in sys.stdin:
        order, *rest = literal_eval(line)
        try:
            if order == "cases":
                answer = import_module(rest[0]).BENCHMARK.cases
            elif order == "setup":
                with limit:
                    made = import_module(rest[0]).BENCHMARK.setup(threads=threads, **rest[1])
                contenders = {name: call for name, call in made.items() if call is not None}
                answer = ours(contenders)
            else:
                with limit_threads(threads):
                    start = clock()
                    figures = contenders[rest[0]](rest[1])
                    seconds = clock() - start
                answer = figures.get("seconds", seconds) if isinstance(figures, dict) else seconds
        except Exception as error:
            answer = error.__class__.__name__, str(error)
        answers.write(repr(answer).replace("\n", " ") + "\n")
        answers.flush()


class Child:
    """A process that holds one checkout."""

    def __init__(self, checkout, threads):
        command = [sys.executable, __file__, str(checkout), "--serve", "--threads", str(threads)]
        environment = os.environ | {"PYTHONPATH": str(checkout)}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __call__(self, *order):
        """Send an order, and return the answer."""
        self.process.stdin.write(repr(order) + "\n")
        self.process.stdin.flush()
        answer = literal_eval(self.process.stdout.readline())
        if isinstance(answer, tuple):
            raise RuntimeError(": ".join(answer))
        return answer


def compare(this, other, name, case, rounds):
    """Lines of the table of one case."""
    shared = [c for c in this("setup", name, case) if c in other("setup", name, case)]
    lines = []
    for contender in shared:
        times = []
        for i in range(rounds + 1):
            pair = (this, other) if i % 2 else (other, this)
            seconds = {child: child("call", contender, max(i - 1, 0)) for child in pair}
            times.append((seconds[this], seconds[other]))
        ratio = median(a / b for a, b in times[1:])
        lines.append((name, case, contender, median(b for _, b in times[1:]), ratio))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkout", type=Path, help="folder of the other checkout")
    parser.add_argument("names", nargs="*", metavar="name", help="benchmarks (default: all)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1, help="dlkit's and BLAS's (default: 1)")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        return serve(args.checkout.resolve(), args.threads)
    sys.path[:0] = [str(HERE), *map(str, HERE.glob("*/"))]
    from run import TIMED

    print("| benchmark | case | contender | other, s | ratio |\n|---|---|---|---|---|", flush=True)
    for name in args.names or [name for name in TIMED if name not in LEFT_OUT]:
        this, other = (Child(c, args.threads) for c in (HERE.parent, args.checkout.resolve()))
        try:
            cases = [case for case in this("cases", name) if case in other("cases", name)]
        except RuntimeError as error:
            print(f"| {name} | – | – | – | not in both: {error} |", flush=True)
            continue
        for case in cases:
            try:
                lines = compare(this, other, name, case, args.rounds)
            except RuntimeError as error:
                print(f"| {name} | {case} | – | – | {error} |", flush=True)
                continue
            for _, _, contender, seconds, ratio in lines:
                print(
                    f"| {name} | {case} | {contender} | {seconds:.4g} | {ratio:.3f} |", flush=True
                )
        for child in (this, other):
            child.process.stdin.close()
            child.process.wait()


if __name__ == "__main__":
    main()
