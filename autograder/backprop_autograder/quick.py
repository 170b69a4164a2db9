"""Imported first by our programs: keeps out what takes longer to import than everything else together."""

import sys
from importlib.util import find_spec, module_from_spec

# jsonschema imports them to check addresses, durations and colours, which notebooks do not have; building the grammar
# of the first takes more than a second.
for name in ("rfc3987_syntax", "rfc3986_validator", "isoduration", "webcolors"):
    sys.modules.setdefault(name, None)


def _without_servers() -> None:
    """Let nbgrader's modules be imported without what its package imports first: four extensions of Jupyter's server.

    Our programs serve nothing. Those that do, Jupyter's, import the package as it is.
    """
    spec = None if "nbgrader" in sys.modules else find_spec("nbgrader")
    if spec is None:
        return
    package = sys.modules["nbgrader"] = module_from_spec(spec)
    from nbgrader._version import __version__

    package.__version__ = __version__


_without_servers()
