"""Trees and graphs of the benchmarks: alkanes, glycans, molecules, cuneiform signs, sentences."""

import csv
import re
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
from get_data import fetch
from scipy.sparse import csr_array

from dlkit.trees import Graph, from_conllu, from_iupac, from_smiles_acyclic


def load_alkanes(most=10, least=1):
    """Return alkanes of some numbers of carbon atoms, and their boiling points in °C.

    Returns
    -------
    trees : list of Tree
        Those of ``least`` to ``most`` carbon atoms, rooted at the centre of each molecule, sorted
        by size and name.
    y : ndarray
        Boiling points.
    """
    points, *tables = fetch("boiling_points")
    known = {}
    for path in tables:
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = line.split("\t")
            known[cells[1]] = cells[2], re.sub(r"\[(C)@+H?\]", r"\1", cells[4])
    found = []
    for line in points.read_text(encoding="utf-8").splitlines()[1:]:
        number, kelvin = line.split()
        formula, smiles = known.get(number, ("", ""))
        atoms = re.fullmatch(r"C(\d*)H(\d+)", formula)
        n = int(atoms[1] or 1) if atoms else 0
        if least <= n <= most and int(atoms[2]) == 2 * n + 2:
            found.append((n, smiles, float(kelvin) - 273.15))
    _, smiles, y = zip(*sorted(found), strict=True)
    return from_smiles_acyclic(list(smiles)), np.array(y)


def load_glycans(linkages="label", least=100):
    """Return glycans and the kingdoms of the organisms that make them.

    Glycans that are known in part (written with braces), that several kingdoms make, or of
    kingdoms with fewer than ``least`` are left out.

    Returns
    -------
    trees : list of Tree
        Residues with their linkages, as of `from_iupac`.
    y : ndarray of str
        Kingdoms.
    """
    kingdoms = defaultdict(set)
    with fetch("glycans")[0].open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if "{" not in row["glycan"]:
                kingdoms[row["glycan"]].add(row["Kingdom"])
    one = {glycan: min(found) for glycan, found in kingdoms.items() if len(found) == 1}
    counts = Counter(one.values())
    kept = sorted(glycan for glycan, kingdom in one.items() if counts[kingdom] >= least)
    # Three lack the bracket that opens their first branch.
    whole = ["[" * (glycan.count("]") - glycan.count("[")) + glycan for glycan in kept]
    return from_iupac(whole, linkages=linkages), np.array([one[glycan] for glycan in kept])


def load_graphs(name):
    """Return the graphs of "mutag" or "cuneiform", with a matrix for each kind of link, and labels.

    Returns
    -------
    graphs : list of Graph
        Labels of nodes are symbols; of cuneiform signs their attributes, each label a number more.
    y : ndarray of int
        Class of each graph.
    """
    links, of, y, nodes, kinds, *more = fetch(name)
    of = np.loadtxt(of, dtype=int) - 1
    y = np.loadtxt(y, dtype=int)
    a, b = np.loadtxt(links, dtype=int, delimiter=",").T - 1
    kinds = np.loadtxt(kinds, dtype=int, delimiter=",", ndmin=2)[:, 0]
    all_kinds = np.unique(kinds)
    nodes = np.loadtxt(nodes, dtype=int, delimiter=",", ndmin=2)[:, 0]
    labels = nodes.astype(str)
    if more:
        points = np.loadtxt(more[0], delimiter=",")
        labels = np.hstack([points, np.eye(nodes.max() + 1)[nodes]])
    starts = np.searchsorted(of, np.arange(len(y) + 1))
    graphs = []
    for start, stop in pairwise(starts):
        mine = (a >= start) & (a < stop)
        each = [
            csr_array(
                (np.ones(n), (a[here] - start, b[here] - start)), shape=(stop - start, stop - start)
            )
            for here, n in ((mine & (kinds == k), np.sum(mine & (kinds == k))) for k in all_kinds)
        ]
        own = labels[start:stop]
        graphs.append(Graph(each, own if more else own.tolist()))
    return graphs, y


def load_dependencies(label="upos"):
    """Return the dependency trees of Turkish sentences, and the relation of each word to its head.

    Returns
    -------
    trees : list of Tree
        One a sentence.
    relations : list of ndarray of str
        One array a sentence.
    """
    trees, relations = [], []
    for path in fetch("turkish_treebanks"):
        found = from_conllu(path.read_text(encoding="utf-8"), label=label, target="deprel")
        trees += found[0]
        relations += found[1]
    return trees, relations
