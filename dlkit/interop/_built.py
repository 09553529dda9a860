"""Classes that are made when they are first asked for."""

__all__ = ["built"]


def built(module, builders, toolbox):
    """Return ``__getattr__`` and ``__dir__`` of a module whose classes are made on demand.

    Parameters
    ----------
    module : dict
        Its globals.
    builders : dict of str to callable
        What makes each class.
    toolbox : str
        Package that is needed.
    """

    def get(name):
        if name not in builders:
            raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")
        try:
            made = builders[name]()
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != toolbox:
                raise
            raise ImportError(
                f'{module["__name__"]}.{name} needs {toolbox}: pip install "dlkit-learn[interop]".'
            ) from error
        made.__name__ = made.__qualname__ = name
        made.__module__ = module["__name__"]  # where pickle looks
        module[name] = made
        return made

    def names():
        return sorted({*module, *builders})

    return get, names
