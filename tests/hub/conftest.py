"""One hub for all tests of this folder, and a browser."""

import pytest
from browser.driver import browser

from hub.machine import hub, why_not


@pytest.fixture(scope="package")
def machine():
    """A hub on which the guide has been followed."""
    if reason := why_not():
        pytest.skip(reason)
    with hub() as found:
        yield found


@pytest.fixture(scope="package")
def chromium(machine):
    """Start the browser once; it ends with these tests, for its event loop would be in the way of others."""
    with browser() as found:
        yield found
