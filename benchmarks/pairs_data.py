"""Pairs of strings of the benchmarks: French words and their sounds, dates, numbers in words."""

import datetime
import re
import sys
import zipfile
from contextlib import contextmanager

import numpy as np
from get_data import SOURCES, _package, cache_folder, fetch

LOCALES = ("en_US", "de_DE", "fr_FR", "es_ES", "tr_TR")
FORMS = ("full", "long", "medium", "short")
LANGUAGES = ("en", "de", "fr")
FIRST, LAST = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)


@contextmanager
def _unpacked(name):
    """Make a package that is kept in the cache, and never installed, the first to be imported."""
    folder = cache_folder() / name / "unpacked"
    if not folder.exists():
        part = folder.with_suffix(".part")
        with zipfile.ZipFile(_package(*SOURCES[name][0])) as archive:
            archive.extractall(part)
        part.replace(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def load_lexique():
    """Return French words of letters, hyphens and apostrophes, and how they are said.

    Returns
    -------
    words : dict of str to list of str
        Pronunciations of each word, a character a sound, in the order of the file.
    """
    words = {}
    for line in fetch("lexique")[0].read_bytes().splitlines()[1:]:
        try:
            cells = line.decode("utf-8").split("\t")
        except UnicodeDecodeError:  # lines come in either encoding
            cells = line.decode("latin-1").split("\t")
        if len(cells) > 1 and re.fullmatch("[a-zà-öø-ÿœ'-]+", cells[0]):
            known = words.setdefault(cells[0], [])
            if cells[1] not in known:
                known.append(cells[1])
    return words


def load_dates(n, forms=FORMS[:3], seed=0):
    """Return dates as five locales write them, and in ISO 8601.

    Days from 1950 to 2049, all drawn at random; no text comes twice. The short form leaves out the
    century in some locales, and days and months are told apart by the locale alone: with it, each
    text is behind the name of its locale.

    Parameters
    ----------
    n : int
        Number of dates.
    forms : tuple of str, default=("full", "long", "medium")
        Forms of CLDR; there is a fourth, "short".
    seed : int, default=0
        Of the draw.

    Returns
    -------
    written, iso : list of str
    """
    with _unpacked("babel"):
        from babel.dates import format_date
    rng, found = np.random.RandomState(seed), {}
    while len(found) < n:
        day = FIRST + datetime.timedelta(int(rng.randint((LAST - FIRST).days + 1)))
        locale, form = LOCALES[rng.randint(len(LOCALES))], forms[rng.randint(len(forms))]
        text = format_date(day, form, locale=locale).replace("\u202f", " ")
        found[f"{locale[:2]} {text}" if "short" in forms else text] = day.isoformat()
    return list(found), list(found.values())


def load_number_words(n, language, most=10**6, seed=0, least=1):
    """Return numbers in words, and in digits; their magnitudes are as likely, none comes twice.

    Parameters
    ----------
    n : int
        Number of numbers.
    language : {"en", "de", "fr"}
        Language.
    most, least : int, default=10**6, 1
        Greatest and least number.
    seed : int, default=0
        Of the draw.

    Returns
    -------
    words, digits : list of str
    """
    with _unpacked("num2words"):
        from num2words import num2words
    rng, found = np.random.RandomState(seed), {}
    while len(found) < n:
        number = int(np.exp(rng.uniform(np.log(least), np.log(most + 1))))
        found[num2words(number, lang=language)] = str(number)
    words, order = list(found), rng.permutation(n)  # small ones come first, before they run out
    return [words[i] for i in order], [found[words[i]] for i in order]
