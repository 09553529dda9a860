"""Write the types of the public names, ``dlkit/**/*.pyi``, from signatures and docstrings.

``python tools/make_stubs.py`` writes the files, and with ``--check`` only names stale ones. The
types are those that the docstrings state: a type that a docstring cannot say is ``Any``.
"""

import argparse
import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # after an installed one
PACKAGE = Path(import_module("dlkit").__file__).parent
HEAD = "# Written by tools/make_stubs.py from signatures and docstrings: do not edit.\n"
NUMPY = "np.ndarray[Any, Any]"
WORDS = {  # how a type begins in a docstring, and what it is here
    "int": "int",
    "float": "float",
    "bool": "bool",
    "str": "str",
    "None": "None",
    "dict": "dict[str, Any]",
    "callable": "Callable[..., Any]",
    "array-like": "ArrayLike",
    "array": "ArrayLike",
    "ndarray": NUMPY,
    "RandomState instance": "np.random.RandomState",
    "tuple of int": "tuple[int, ...]",
    "tuple of float": "tuple[float, ...]",
    "list of str": "list[str]",
    "list of int": "list[int]",
    "list of dict": "list[dict[str, Any]]",
    "list of array-like": "Sequence[ArrayLike]",
    "list of ndarray": f"list[{NUMPY}]",
}
FITTED = {"fit", "partial_fit", "set_params", "update"}


def public_modules():
    """Public modules, by name, the package first."""
    package = import_module("dlkit")
    found = {"dlkit": package}
    for path in sorted(PACKAGE.iterdir()):
        name = path.stem
        if name.startswith("_") or (path.is_dir() and not (path / "__init__.py").exists()):
            continue
        if path.is_dir() or path.suffix == ".py":
            found[f"dlkit.{name}"] = import_module(f"dlkit.{name}")
    return found


def names_of(module):
    """Public names of a module."""
    given = getattr(module, "__all__", None)
    if given is not None:
        return sorted(given)
    return sorted(
        name
        for name, one in vars(module).items()
        if not name.startswith("_") and getattr(one, "__module__", None) == module.__name__
    )


def homes():
    """Module that a public object's type is written in: its folder, or its file."""
    modules = public_modules()
    found = {}
    for name, module in modules.items():
        if name == "dlkit":
            continue
        for public in names_of(module):
            one = getattr(module, public)
            if not inspect.ismodule(one):
                found.setdefault(public, name)
    return found


HOMES = {}


def section(doc, title):
    """Text of a section of a docstring."""
    rule = "-" * len(title)
    match = re.search(rf"(?:^|\n){title}\n{rule}\n(.*?)(?=\n\n\S[^\n]*\n-{{3,}}\n|\Z)", doc, re.S)
    return match[1] if match else ""


def types_in(doc, title):
    """Types of the entries of a section, by name."""
    text = section(doc, title).replace("\\\n", "")
    found = {}
    for names, kind in re.findall(r"^([\w*, ]+?) : (.*(?:\n(?!\s|\w+ :).*)*)", text, re.M):
        for name in names.split(", "):
            found[name.lstrip("*")] = kind
    return found


def annotation(kind):
    """What a docstring's words for a type are in Python's."""
    kind = re.sub(r",? default=.*", "", kind.strip())
    kind = re.sub(r" of shape \([^)]*\)((,| or) \([^)]*\))*", "", kind)
    kind = re.sub(r" of (\w+, )?dtype \w+", "", kind)
    found = []
    for choice in re.findall(r"\{([^}]*)\}", kind):
        members = [m.strip() for m in choice.split(",")]
        if not all(re.fullmatch(r'"[^"]*"|\d+|None|True|False', m) for m in members):
            return "Any"
        found.append(f"Literal[{', '.join(members)}]")
    kind = re.sub(r"\{[^}]*\}", "", kind)
    for word in re.split(r", or |, | or ", kind):
        word = word.strip().removeprefix(":class:").strip("`~")
        if not word:
            continue
        if word in WORDS:
            found.append(WORDS[word])
        elif word in HOMES:
            found.append(word)
        else:
            return "Any"
    if "ArrayLike" in found:  # a list of arrays is a batch of unequal ones
        found = ["Sequence[ArrayLike]", *(f for f in found if f != "Sequence[ArrayLike]")]
    return " | ".join(dict.fromkeys(found)) or "Any"


def returned(doc):
    """Type of what is returned."""
    lines = [line for line in section(doc, "Returns").split("\n") if line and line[0] != " "]
    if len(lines) != 1:
        return "Any"
    return annotation(lines[0].partition(" : ")[2] or lines[0])


def signature(name, function, doc, *, kinds=None, result=None, first=()):
    """A ``def`` line for each parameter."""
    kinds = types_in(doc, "Parameters") if kinds is None else kinds
    lines = [f"{one}," for one in first]
    keyword_only = False
    parameters = [
        p for p in inspect.signature(function).parameters.values() if p.name not in ("self", "cls")
    ]
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            lines.append(f"*{p.name}: Any,")
            keyword_only = True
            continue
        if p.kind is p.VAR_KEYWORD:
            lines.append(f"**{p.name}: Any,")
            continue
        if p.kind is p.KEYWORD_ONLY and not keyword_only:
            lines.append("*,")
            keyword_only = True
        kind = annotation(kinds[p.name]) if p.name in kinds else "Any"
        if p.default is None and kind != "Any" and "None" not in kind.split(" | "):
            kind += " | None"
        lines.append(f"{p.name}: {kind}{'' if p.default is p.empty else ' = ...'},")
    positional = [p for p in parameters if p.kind is p.POSITIONAL_ONLY]
    if positional:
        lines.insert(len(first) + len(positional), "/,")
    result = returned(doc) if result is None else result
    inside = "\n".join("    " + line for line in lines)
    return (
        f"def {name}(\n{inside}\n) -> {result}: ..." if lines else f"def {name}() -> {result}: ..."
    )


def indented(text):
    """Text, one level in."""
    return "\n".join("    " + line for line in text.split("\n"))


def class_stub(name, cls):
    """Stub of a class: what it and dlkit's classes below it define."""
    ours = [one for one in cls.__mro__ if one.__module__.startswith("dlkit")]
    bases = []
    for one in cls.__mro__:
        if one.__module__.startswith("sklearn.base") and not any(
            issubclass(base, one) for base in bases
        ):
            bases.append(one)
    kept = [base.__name__ for base in bases]
    if issubclass(cls, Warning):
        kept = ["UserWarning"]
    doc = inspect.getdoc(cls) or ""
    body = []
    attributes = types_in(doc, "Attributes")
    members = {}
    for one in reversed(ours):
        members |= {k: v for k, v in vars(one).items() if not k.startswith("_")}
    for attribute, kind in attributes.items():
        if attribute.isidentifier() and not callable(members.get(attribute)):
            body.append(f"{attribute}: {annotation(kind)}")
    if not issubclass(cls, Warning) and "__init__" in dir(cls):
        parameters = types_in(doc, "Parameters")
        own = {p: annotation(k) for p, k in parameters.items()}
        for parameter in inspect.signature(cls).parameters.values():
            if parameter.name in attributes or parameter.kind in (
                parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL,
            ):  # fmt: skip
                continue
            members.pop(parameter.name, None)
            kind = own.get(parameter.name, "Any")
            if parameter.default is None and kind != "Any" and "None" not in kind.split(" | "):
                kind += " | None"
            body.append(f"{parameter.name}: {kind}")
        body.append(
            signature("__init__", cls, doc, kinds=parameters, result="None", first=["self"])
        )
    for member, raw in sorted(members.items()):
        if member in attributes:
            continue
        raw = getattr(raw, "fn", raw)  # behind scikit-learn's available_if
        if isinstance(raw, property):
            body.append("@property\n" + f"def {member}(self) -> Any: ...")
            continue
        if not (inspect.isfunction(raw) or isinstance(raw, (classmethod, staticmethod))):
            if member not in {line.partition(":")[0] for line in body}:
                body.append(f"{member}: Any")
            continue
        function = raw if inspect.isfunction(raw) else getattr(cls, member)
        text = inspect.getdoc(function) or ""
        kind = type(raw).__name__
        how, result = f"@{kind}\n" if kind in ("classmethod", "staticmethod") else "", None
        if member in FITTED or returned(text) == name or re.search(r"Returns\n-+\nself :", text):
            result = "Self"
        start = [] if kind == "staticmethod" else ["cls" if how else "self"]
        body.append(how + signature(member, function, text, result=result, first=start))
    head = f"class {name}({', '.join(kept)}):" if kept else f"class {name}:"
    return head + "\n" + indented("\n".join(body) or "...") + "\n"


def same(public, one):
    """Whether an object is the one of this name in its home: names may stand for two things."""
    return getattr(import_module(HOMES[public]), public) is one


def stub(module_name, module):
    """Text of a module's stub."""
    imports, bodies = [], []
    for public in names_of(module):
        one = getattr(module, public)
        if public == "__version__":
            bodies.append("__version__: str\n")
        elif inspect.ismodule(one):
            imports.append(f"from . import {public} as {public}")
        elif HOMES.get(public, module_name) != module_name and same(public, one):
            home = HOMES[public].removeprefix("dlkit")
            deeper = "." if module_name == "dlkit" else ".."
            imports.append(f"from {deeper}{home.lstrip('.')} import {public} as {public}")
        elif module_name == "dlkit":
            kind = class_stub(public, one) if inspect.isclass(one) else None
            bodies.append(kind or signature(public, one, inspect.getdoc(one) or "") + "\n")
        elif inspect.isclass(one):
            bodies.append(class_stub(public, one))
        elif callable(one):
            bodies.append(signature(public, one, inspect.getdoc(one) or "") + "\n")
        else:
            bodies.append(f"{public}: Any\n")
    text = "\n".join(bodies)
    for other, home in HOMES.items():
        named = re.search(rf"[:>|] (?:\w+ \| )*{other}\b", text)
        if home != module_name and module_name != "dlkit" and named:
            up = "" if (PACKAGE / f"{module_name[6:]}.py").exists() else "."
            line = f"from .{up}{home.removeprefix('dlkit.')} import {other}"
            if not any(f" import {other} as" in one for one in imports):
                imports.append(line)
    base = [n for n in re.findall(r"class \w+\(([^)]*)\)", text) if n != "UserWarning"]
    bases = sorted({b.strip() for one in base for b in one.split(",")} - {""})
    start = [HEAD + "from collections.abc import Callable, Sequence"]
    start.append("from typing import Any, Literal, Self\n")
    start.append("import numpy as np\nfrom numpy.typing import ArrayLike")
    if bases:
        start.append(f"from sklearn.base import {', '.join(bases)}")
    listed = "".join(f'    "{name}",\n' for name in names_of(module))
    return "\n".join([*start, "", *sorted(imports), "", f"__all__ = [\n{listed}]\n", text])


def path_of(module):
    """Where the stub of a module lies: beside it."""
    return Path(module.__file__).with_suffix(".pyi")


def stubs():
    """Texts of all stubs, by path."""
    HOMES.update(homes())
    return {path_of(module): stub(name, module) for name, module in public_modules().items()}


def main():
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    stale = []
    for path, text in stubs().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path.relative_to(PACKAGE)))
            if not check:
                path.write_text(text, encoding="utf-8")
    print(
        f"{len(stale)} of {len(stubs())} files {'are out of date' if check else 'written'}", *stale
    )
    sys.exit(bool(check and stale))


if __name__ == "__main__":
    main()
