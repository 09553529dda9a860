"""Trees from the forms in which people have them: brackets, tuples, CoNLL-U, SMILES, glycans."""

import inspect
import re

import numpy as np

from .._params import StrOptions, validate_parameter_constraints, validate_params
from ._forest import Tree, check_tree, is_labelled

__all__ = [
    "from_brackets",
    "from_conllu",
    "from_iupac",
    "from_nested",
    "from_smiles_acyclic",
    "rooted_at_centre",
]


def _each(read, constraints=None):
    """Let a reader of one tree read a list of them, too; with ``constraints``, a reader of text."""

    def checked(one, name, options):
        if constraints is not None and not isinstance(one, str):
            raise TypeError(f"{name} must be a string, got {one!r:.60}.")
        return read(one, name, **options)

    def convert(X, **options):
        validate_parameter_constraints(constraints or {}, options, read.__name__[1:])
        if isinstance(X, str) or not isinstance(X, (list, np.ndarray)) or is_labelled(X):
            return checked(X, "X", options)
        return [checked(one, f"X[{i}]", options) for i, one in enumerate(X)]

    convert.__name__, convert.__qualname__ = read.__name__[1:], read.__name__[1:]
    convert.__doc__ = read.__doc__
    convert.__module__ = read.__module__
    signature = inspect.signature(read)
    shown = [one for name, one in signature.parameters.items() if name != "name"]
    convert.__signature__ = signature.replace(parameters=shown)
    return convert


def _from_brackets(X, name):
    """Read trees in brackets, as of treebanks: ``(S (NP she) (VP sleeps))``.

    Parameters
    ----------
    X : str or list of str
        Trees. After an opening bracket comes the label of a node, then the node's children; what
        stands without brackets is a leaf. A bracket without a label is a node without one.

    Returns
    -------
    trees : Tree or list of Tree
        Nodes in the order in which the text names them, the root first.

    Raises
    ------
    ValueError
        If brackets do not match, or the text holds no tree or several.

    References
    ----------
    .. [1] Marcus, Santorini & Marcinkiewicz (1993), Building a large annotated corpus of English:
       the Penn Treebank, Computational Linguistics 19(2).

    Examples
    --------
    >>> from dlkit.trees import from_brackets
    >>> tree = from_brackets("(S (NP she) (VP sleeps))")
    >>> tree.labels, tree.parents
    (['S', 'NP', 'she', 'VP', 'sleeps'], [-1, 0, 1, 0, 3])
    """
    tokens = re.findall(r"[()]|[^\s()]+", X)
    labels, parents, path, opened = [], [], [], False

    def add(label):
        if not path and labels:
            raise ValueError(f"{name} holds several trees: {X!r:.60}. Use a list of strings.")
        labels.append(label)
        parents.append(path[-1] if path else -1)

    for i, token in enumerate(tokens):
        if token == "(":
            named = i + 1 < len(tokens) and tokens[i + 1] not in "()"
            add(tokens[i + 1] if named else None)
            path.append(len(labels) - 1)
            opened = named
        elif token == ")":
            if not path:
                raise ValueError(f"{name} closes a bracket that is not open: {X!r:.60}.")
            path.pop()
        elif opened:
            opened = False
        else:
            add(token)
    if path or not labels:
        what = "leaves a bracket open" if path else "holds no tree"
        raise ValueError(f"{name} {what}: {X!r:.60}.")
    return Tree(labels, parents)


def _from_nested(X, name):
    """Read nested tuples: ``(label, child, child, ...)``, a leaf being its label alone.

    Parameters
    ----------
    X : tuple, label, tree of NLTK, or list of these
        Trees. A label is a string, None, a number or an array of numbers.

    Returns
    -------
    trees : Tree or list of Tree
        The root first, then its first child and what is below, and so on.

    Raises
    ------
    ValueError
        If a tuple is empty, or lists stand in the place of tuples.

    References
    ----------
    .. [1] McCarthy (1960), Recursive functions of symbolic expressions and their computation by
       machine, part I, Communications of the ACM 3(4).

    Examples
    --------
    >>> from dlkit.trees import from_nested
    >>> tree = from_nested(("add", ("mul", "x", "y"), "z"))
    >>> tree.labels, tree.parents
    (['add', 'mul', 'x', 'y', 'z'], [-1, 0, 1, 1, 0])
    """
    labels, parents, todo = [], [], [(X, -1)]
    while todo:
        node, above = todo.pop()
        if isinstance(node, tuple) and not node:
            raise ValueError(f"{name} has an empty tuple: the first entry of each is its label.")
        if is_labelled(node):
            node = (node.label(), *node)
        label, *children = node if isinstance(node, tuple) else (node,)
        inside = label if isinstance(label, (list, dict, set)) else ()
        if isinstance(label, dict) or any(isinstance(one, (str, list, tuple)) for one in inside):
            raise ValueError(
                f"{name} has a {type(label).__name__} in the place of a label: {label!r:.60}. "
                "Nodes with children are tuples, (label, child, child, ...); a list holds several "
                "trees, or the numbers of one label."
            )
        if isinstance(label, tuple):
            raise ValueError(
                f"{name} has a tuple in the place of a label: {label!r:.60}. The first entry of a "
                "tuple is the label of the node; None for no label."
            )
        todo += [(child, len(labels)) for child in reversed(children)]
        labels.append(label)
        parents.append(above)
    return Tree(labels, parents)


_FIELDS = {"form": 1, "lemma": 2, "upos": 3, "xpos": 4, "deprel": 7}


@validate_params(
    {
        "text": [str],
        "label": [StrOptions(set(_FIELDS))],
        "target": [StrOptions(set(_FIELDS)), None],
    },
    prefer_skip_nested_validation=True,
)
def from_conllu(text, *, label="upos", target=None):
    r"""Read dependency trees of sentences in CoNLL-U.

    Parameters
    ----------
    text : str
        Sentences, separated by empty lines. Lines of comments, of words in several parts (``1-2``)
        and of empty nodes (``1.1``) are left out.
    label : {"form", "lemma", "upos", "xpos", "deprel"}, default="upos"
        Which field is the label of a node.
    target : str, default=None
        Which field is returned besides, as the target of each node: ``"deprel"``, say.

    Returns
    -------
    trees : list of Tree
        One a sentence, one node a word in the order of the text.
    targets : list of ndarray
        Only with ``target``: one array a sentence.

    Raises
    ------
    ValueError
        If a line has fewer than eight fields, or a head is no number.

    References
    ----------
    .. [1] Nivre et al. (2020), Universal Dependencies v2, LREC.

    Examples
    --------
    >>> from dlkit.trees import from_conllu
    >>> text = (
    ...     "1\tShe\tshe\tPRON\t_\t_\t2\tnsubj\t_\t_\n"
    ...     "2\tsleeps\tsleep\tVERB\t_\t_\t0\troot\t_\t_\n"
    ... )
    >>> trees, relations = from_conllu(text, target="deprel")
    >>> trees[0].labels, trees[0].parents, relations[0].tolist()
    (['PRON', 'VERB'], [1, -1], ['nsubj', 'root'])
    """
    trees, targets = [], []
    for sentence in re.split(r"\n\s*\n", text):
        rows = []
        for line in sentence.splitlines():
            cells = line.split("\t")
            if not line.strip() or line.startswith("#") or not cells[0].isdigit():
                continue
            if len(cells) < 8 or not cells[6].isdigit():
                raise ValueError(
                    f"text has the line {line!r:.80}, which is no word of CoNLL-U: ten fields "
                    "separated by tabs, the seventh the number of the head."
                )
            rows.append(cells)
        if rows:
            number = {int(cells[0]): i for i, cells in enumerate(rows)} | {0: -1}
            trees.append(
                Tree(
                    [cells[_FIELDS[label]] for cells in rows],
                    [number.get(int(cells[6]), len(rows)) for cells in rows],
                )
            )
            if target is not None:
                targets.append(np.array([cells[_FIELDS[target]] for cells in rows]))
    return (trees, targets) if target is not None else trees


def _from_smiles_acyclic(X, name):
    """Read molecules without rings from SMILES: atoms are nodes, labelled by their symbols.

    Parameters
    ----------
    X : str or list of str
        SMILES, without digits of ring closures and without dots.

    Returns
    -------
    trees : Tree or list of Tree
        Rooted at the centre of the molecule, so that the order in which a text names the atoms does
        not matter for the root. A double bond to the parent shows as ``"=C"``, a triple bond as
        ``"#C"``; what stands in square brackets is a symbol as it is.

    Raises
    ------
    ValueError
        If a molecule has rings, or the text is no SMILES.

    References
    ----------
    .. [1] Weininger (1988), SMILES, a chemical language and information system, Journal of Chemical
       Information and Computer Sciences 28.

    Examples
    --------
    >>> from dlkit.trees import from_smiles_acyclic
    >>> tree = from_smiles_acyclic("CC(C)C")  # isobutane, its middle atom the root
    >>> tree.labels, tree.parents
    (['C', 'C', 'C', 'C'], [1, -1, 1, 1])
    """
    tokens = re.findall(r"\[[^\]]+\]|Br|Cl|[BCNOSPFIbcnosp]|[-=#$:/\\()]|.", X)
    atoms, bonds, path, last, order = [], [], [], None, ""
    for token in tokens:
        if token == "(":
            path.append(last)
        elif token == ")":
            if not path:
                raise ValueError(f"{name} closes a bracket that is not open: {X!r:.60}.")
            last = path.pop()
        elif token in "-=#$:/\\":
            order = token if token in "=#$" else ""
        elif token[0] == "[" or token.isalpha():
            if last is not None:
                bonds.append((last, len(atoms), order))
            last, order = len(atoms), ""
            atoms.append(token)
        else:
            rings = token.isdigit() or token == "%"
            what = "a ring, so that it is no tree" if rings else f"{token!r}"
            raise ValueError(f"{name} has {what}: {X!r:.60}.")
    if path or not atoms:
        raise ValueError(f"{name} is no SMILES: {X!r:.60}.")
    parents = [-1] * len(atoms)
    for a, b, _ in bonds:
        parents[b] = a
    tree = rooted_at_centre(Tree(atoms, parents))
    bond = {frozenset((a, b)): order for a, b, order in bonds}
    labels = [
        bond.get(frozenset((i, above)), "") + atom
        for i, (atom, above) in enumerate(zip(tree.labels, tree.parents, strict=True))
    ]
    return Tree(labels, tree.parents)


def _from_iupac(X, name, *, linkages="label"):
    """Read glycans in IUPAC-condensed form: ``Gal(b1-4)[Fuc(a1-3)]GlcNAc``.

    Parameters
    ----------
    X : str or list of str
        Glycans. The last residue is the root; branches stand in square brackets.
    linkages : {"label", "node", "drop"}, default="label"
        What becomes of linkages such as ``(b1-4)``: part of the label of the residue that they
        link to the root, a node between the two residues, or nothing.

    Returns
    -------
    trees : Tree or list of Tree
        Residues in the order of the text, so that the root comes last.

    Raises
    ------
    ValueError
        If brackets do not match, a text has several roots, or ``linkages`` is none of those
        above.

    References
    ----------
    .. [1] McNaught (1996), Nomenclature of carbohydrates (IUPAC recommendations 1996), Pure and
       Applied Chemistry 68(10), 2-Carb-38.

    Examples
    --------
    >>> from dlkit.trees import from_iupac
    >>> tree = from_iupac("Gal(b1-4)[Fuc(a1-3)]GlcNAc")
    >>> tree.labels, tree.parents
    (['Gal(b1-4)', 'Fuc(a1-3)', 'GlcNAc'], [2, 2, -1])
    """
    tokens = re.findall(r"[\[\]]|\([^()]*\)|[^\[\]()]+", X)
    labels, parents, waiting, path = [], [], [], []

    def add(label):
        for child in waiting:
            parents[child] = len(labels)
        waiting[:] = [len(labels)]
        labels.append(label)
        parents.append(-1)

    for i, token in enumerate(tokens):
        if token == "[":
            path.append(list(waiting))
            waiting = []
        elif token == "]":
            if not path:
                raise ValueError(f"{name} closes a bracket that is not open: {X!r:.60}.")
            waiting = path.pop() + waiting
        elif token.startswith("("):
            if linkages == "node":
                add(token)
        else:
            link = tokens[i + 1] if i + 1 < len(tokens) and tokens[i + 1].startswith("(") else ""
            add(token + link * (linkages == "label"))
    if path or len(waiting) != 1 or tokens[-1] == "]":
        raise ValueError(f"{name} is no glycan in IUPAC-condensed form: {X!r:.60}.")
    return Tree(labels, parents)


from_brackets = _each(_from_brackets, {})
from_nested = _each(_from_nested)
from_smiles_acyclic = _each(_from_smiles_acyclic, {})
from_iupac = _each(_from_iupac, {"linkages": [StrOptions({"label", "node", "drop"})]})


def rooted_at_centre(tree):
    """The same tree with its centre as the root: the node nearest to all leaves.

    Parameters
    ----------
    tree : Tree
        A tree whose links have no direction.

    Returns
    -------
    tree : Tree
        Nodes keep their numbers and labels. Of two centres the one of the smaller number is the
        root.

    Raises
    ------
    ValueError
        If ``tree`` is no tree: no root, two roots, a parent that does not exist, a cycle.

    References
    ----------
    .. [1] Jordan (1869), Sur les assemblages de lignes, Journal für die reine und angewandte
       Mathematik 70.

    Examples
    --------
    A path of five nodes, and its middle:

    >>> from dlkit.trees import Tree, rooted_at_centre
    >>> rooted_at_centre(Tree(["a", "b", "c", "d", "e"], [-1, 0, 1, 2, 3])).parents
    [1, 2, -1, 2, 3]
    """
    labels, parents = check_tree(tree)
    n = len(parents)
    neighbours = [[] for _ in range(n)]
    for child, above in enumerate(parents.tolist()):
        if above >= 0:
            neighbours[child].append(above)
            neighbours[above].append(child)

    def walk(start):
        """Parents of all nodes as seen from ``start``, and the node that is last reached."""
        above, order = {start: -1}, [start]
        for node in order:
            for other in neighbours[node]:
                if other not in above:
                    above[other] = node
                    order.append(other)
        return above, order[-1]

    far = walk(0)[1]
    above, end = walk(far)
    path = [end]
    while above[path[-1]] >= 0:
        path.append(above[path[-1]])
    middle = min(path[(len(path) - 1) // 2], path[len(path) // 2])
    above, _ = walk(middle)
    return Tree(labels, [above[i] for i in range(n)])
