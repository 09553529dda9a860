"""Dates as five locales write them to ISO 8601.

    python benchmarks/accuracy/dates.py
    python benchmarks/accuracy/dates.py --dev            # while settings are chosen

Days from 1950 to 2049 as Babel writes them in English, German, French, Spanish and Turkish, in the
full, the long or the medium form, without a word on which: 10,000 to learn from, 1000 for choosing
settings (--dev), 1000 for the test, no text twice. A date is right if all of its ten characters
are. Parts change their order, and `SequenceTransducer` keeps it: so the text stands three times in
a row, in symbols of its own each time, and of each an output can take another part. A dash and the
digit behind it are one symbol of the output. The baseline is a table: the commonest chunk in the
widest window of symbols that training has seen, over the same alignment.
"""

import argparse
from time import perf_counter, process_time

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, summary, table
from g2p import look_up
from pairs_data import load_dates

from dlkit.symbols import SequenceTransducer

WINDOW = 15


def thrice(text):
    """Symbols of a text that stands three times in a row."""
    return [f"{reading}{symbol}" for reading in range(3) for symbol in text]


def parts(iso):
    """Digits, the first of month and day with the dash before."""
    return [*iso[:4], iso[4:6], iso[6], iso[7:9], iso[9]]


def share(found, truth):
    return float(np.mean(["".join(one) == other for one, other in zip(found, truth, strict=True)]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dev", action="store_true", help="dates that are in neither part")
    parser.add_argument("--quick", action="store_true", help="500 dates to learn from")
    arguments = parser.parse_args()
    limit_threads(2)
    print_protocol(__doc__)
    texts, iso = load_dates(12_000)
    sources, n = [thrice(text) for text in texts], 500 if arguments.quick else 10_000
    part = slice(10_000, 11_000) if arguments.dev else slice(11_000, 12_000)
    start, busy = perf_counter(), process_time()
    model = SequenceTransducer(window=WINDOW, random_state=0)
    model.fit(sources[:n], [parts(one) for one in iso[:n]])
    rows = [("fit", "", perf_counter() - start, process_time() - busy)]
    start, busy = perf_counter(), process_time()
    right = share(model.predict(sources[part]), iso[part])
    rows.append(("SequenceTransducer", right, perf_counter() - start, process_time() - busy))
    base = share(look_up(sources[:n], model.alignment_, sources[part]), iso[part])
    rows.append(("look-up table", base, "", ""))
    print(table(("", "right", "seconds", "of the processor"), rows))
    name = "development" if arguments.dev else "test"
    what = f"dates of five locales, exact, {name}"
    summary(what, "≥ 99 %", f"{right:.1%} (look-up {base:.1%})", right >= 0.99)


if __name__ == "__main__":
    main()
