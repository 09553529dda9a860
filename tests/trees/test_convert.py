"""Trees from brackets, tuples, CoNLL-U, SMILES and glycans."""

import inspect

import numpy as np
import pytest

from dlkit.trees import (
    Tree,
    TreeFeatures,
    from_brackets,
    from_conllu,
    from_iupac,
    from_nested,
    from_smiles_acyclic,
    rooted_at_centre,
)


def same(tree, labels, parents):
    assert tree.labels == labels
    assert list(tree.parents) == parents


def test_brackets():
    trees = from_brackets(["(S (NP (D the) (N cat)) (VP sleeps))", "a", "((a) b)"])
    labels = ["S", "NP", "D", "the", "N", "cat", "VP", "sleeps"]
    same(trees[0], labels, [-1, 0, 1, 2, 1, 4, 0, 6])
    same(trees[1], ["a"], [-1])
    same(trees[2], [None, "a", "b"], [-1, 0, 0])


@pytest.mark.parametrize(
    ("text", "message"),
    [("(S a", "open"), ("(S a))", "not open"), ("", "no tree"), ("(a) (b)", "several trees")],
)
def test_wrong_brackets_are_named(text, message):
    with pytest.raises(ValueError, match=message):
        from_brackets(text)


class NltkLike(list):
    """What trees of NLTK are: a list of children that knows its label."""

    def __init__(self, node, children):
        super().__init__(children)
        self._label = node

    def label(self):
        return self._label


def test_trees_of_nltk():
    tree = NltkLike("S", [NltkLike("NP", ["she"]), "x"])
    same(from_nested(tree), ["S", "NP", "she", "x"], [-1, 0, 1, 0])
    same(from_nested([tree, tree])[1], ["S", "NP", "she", "x"], [-1, 0, 1, 0])
    with pytest.raises(ValueError, match="a tree of NLTK: from_nested"):
        TreeFeatures(3).fit([NltkLike("S", ["x", "y"])])
    with pytest.raises(TypeError, match="X must be a string"):
        from_brackets(NltkLike("S", ["x", "y"]))


def test_nested_lists_are_no_labels():
    for nested in (["a", ["b", "c"], "d"], ("a", ["b", "c"]), [["a", ["b"]]], {"a": "b"}):
        with pytest.raises(ValueError, match="in the place of a label.*tuples"):
            from_nested(nested)
    same(from_nested(([1.0, 2.0], [3.0, 4.0])), [[1.0, 2.0], [3.0, 4.0]], [-1, 0])


def test_nested():
    same(from_nested(("a", ("b", "c"), ("d",))), ["a", "b", "c", "d"], [-1, 0, 1, 0])
    same(from_nested([(1.0, 2.0)])[0], [1.0, 2.0], [-1, 0])
    with pytest.raises(ValueError, match="in the place of a label"):
        from_nested((("a",), "b"))
    with pytest.raises(ValueError, match="empty tuple"):
        from_nested(("a", ()))


CONLLU = """# text = She sleeps .
1\tShe\tshe\tPRON\tP\t_\t2\tnsubj\t_\t_
2-3\tsleeps.\t_\t_\t_\t_\t_\t_\t_\t_
2\tsleeps\tsleep\tVERB\tV\t_\t0\troot\t_\t_
3\t.\t.\tPUNCT\tF\t_\t2\tpunct\t_\t_

1\tYes\tyes\tINTJ\tI\t_\t0\troot\t_\t_
"""


def test_conllu():
    trees, relations = from_conllu(CONLLU, label="lemma", target="deprel")
    same(trees[0], ["she", "sleep", "."], [1, -1, 1])
    same(trees[1], ["yes"], [-1])
    assert [one.tolist() for one in relations] == [["nsubj", "root", "punct"], ["root"]]
    assert len(from_conllu(CONLLU)) == 2
    with pytest.raises(ValueError, match="'label' parameter of from_conllu"):
        from_conllu(CONLLU, label="head")
    with pytest.raises(ValueError, match="no word of CoNLL-U"):
        from_conllu("1\tYes\tyes")


def test_smiles():
    same(from_smiles_acyclic("CC(C)C"), ["C"] * 4, [1, -1, 1, 1])
    tree = from_smiles_acyclic("CC(=O)[O-]")
    same(tree, ["C", "C", "=O", "[O-]"], [1, -1, 1, 1])
    assert "#N" in from_smiles_acyclic("CCCC#N").labels
    assert from_smiles_acyclic("ClCCBr").labels == ["Cl", "C", "C", "Br"]


@pytest.mark.parametrize("text", ["C1CC1", "C(C", "CC)", "", "C.C"])
def test_molecules_that_are_no_trees_are_named(text):
    with pytest.raises(ValueError, match="X "):
        from_smiles_acyclic(text)


def test_the_root_of_a_molecule_does_not_depend_on_the_text():
    one, other = from_smiles_acyclic(["CCC(C)CC=O", "O=CCC(CC)C"])
    assert one.depth == other.depth == 3


def test_glycans():
    tree = from_iupac("Gal(b1-4)[Fuc(a1-3)]GlcNAc(b1-2)Man")
    same(tree, ["Gal(b1-4)", "Fuc(a1-3)", "GlcNAc(b1-2)", "Man"], [2, 2, 3, -1])
    same(from_iupac("Gal(b1-4)Glc", linkages="node"), ["Gal", "(b1-4)", "Glc"], [1, 2, -1])
    same(from_iupac("Gal(b1-4)Glc", linkages="drop"), ["Gal", "Glc"], [1, -1])
    nested = from_iupac("A(a1-2)[B(a1-3)[C(a1-2)]D(a1-4)]E", linkages="drop")
    same(nested, ["A", "B", "C", "D", "E"], [4, 3, 3, 4, -1])
    with pytest.raises(ValueError, match="'linkages' parameter of from_iupac"):
        from_iupac("Gal", linkages="no")
    with pytest.raises(ValueError, match="no glycan"):
        from_iupac("[Gal(b1-4)]")


def test_centres():
    path = Tree(list("abcde"), [-1, 0, 1, 2, 3])
    same(rooted_at_centre(path), list("abcde"), [1, 2, -1, 2, 3])
    same(rooted_at_centre(Tree(["a"], [-1])), ["a"], [-1])
    assert isinstance(rooted_at_centre(Tree(np.ones(3), [-1, 0, 0])).labels, np.ndarray)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (Tree(["a", "b"], [1, 0]), "tree is no tree: it has no root"),
        (Tree(["a", "b", "c"], [-1, 2, 1]), "parents run in a cycle"),
        (Tree(["a", "b"], [-1, -1]), "tree is no tree: it has 2 roots"),
        (Tree(["a", "b"], [-1, 7]), "node 1 has parent 7, of 2 nodes"),
        (Tree([], []), "tree is an empty tree"),
        (Tree(["a"], [-1, 0]), "tree has 1 labels and 2 parents"),
    ],
)
def test_only_trees_have_a_centre(tree, message):
    with pytest.raises(ValueError, match=message):
        rooted_at_centre(tree)


def test_signatures_show_what_can_be_given():
    assert str(inspect.signature(from_brackets)) == "(X)"
    assert str(inspect.signature(from_iupac)) == "(X, *, linkages='label')"
