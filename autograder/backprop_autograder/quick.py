"""Imported first by our programs: keeps out what takes longer to import than everything else together."""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

# jsonschema imports them to check addresses, durations and colours, which notebooks do not have; building the grammar
# of the first takes more than a second.
for name in ("rfc3987_syntax", "rfc3986_validator", "isoduration", "webcolors"):
    sys.modules.setdefault(name, None)


class _Later(ModuleType):
    """Stands for a module of functions until one of them is called."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments, **options):
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
            return getattr(import_module(self.__name__), name)(*arguments, **options)

        return call


def _without_servers() -> None:
    """Let nbgrader's modules be imported without what its package imports first: four extensions of Jupyter's server.

    Our programs serve nothing. Those that do, Jupyter's, import the package as it is. Nor do they unpack archives:
    setuptools, by which nbgrader does, is imported by who does.
    """
    spec = None if "nbgrader" in sys.modules else find_spec("nbgrader")
    if spec is None:
        return
    package = sys.modules["nbgrader"] = module_from_spec(spec)
    from nbgrader._version import __version__

    package.__version__ = __version__
    if "setuptools" not in sys.modules:
        sys.modules["setuptools.archive_util"] = _Later("setuptools.archive_util")


_without_servers()
