"""Imported first by our programs: keeps a module out that takes longer to import than everything else together."""

import sys

# jsonschema imports it to check IRIs, which notebooks do not have; building its grammar takes more than a second.
sys.modules.setdefault("rfc3987_syntax", None)
