"""Found by every Python program that tests start: spares each what takes a second to import and none needs."""

import sys

# jsonschema's grammar of addresses, which notebooks do not have; our own programs leave it out themselves.
sys.modules.setdefault("rfc3987_syntax", None)
