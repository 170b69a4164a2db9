"""Formgrader, and a hand at its buttons."""

from browser.driver import SECONDS, TOKEN, keep_picture


class Formgrader:
    """Formgrader in a tab of the browser.

    Parameters
    ----------
    page
        Of playwright.
    address : str
        Of the server.
    token : str
        Of the server; empty where somebody has logged in.
    """

    def __init__(self, page, address: str, token: str = TOKEN):
        self.page, self.address = page, address
        self._query = f"?token={token}" if token else ""
        page.set_default_timeout(1000 * SECONDS)

    def open(self, path: str) -> None:
        """Open one of formgrader's pages, and wait for its data."""
        self.page.goto(f"{self.address}formgrader/{path}{self._query}")
        self.page.wait_for_load_state()

    def press(self, row: str, column: str) -> str:
        """Press the symbol in a column of the row that names something; return what the dialogue says."""
        self.row(row).locator(f".{column} a").click()
        dialogue = self.page.locator(".modal.in")
        dialogue.wait_for()
        self.page.wait_for_timeout(400)  # it slides in
        words = dialogue.inner_text()
        dialogue.locator("button[data-dismiss]").last.click()
        dialogue.wait_for(state="detached")
        return words

    def row(self, text: str):
        """Return the row of a table that names something."""
        return self.page.locator("#main-table tr").filter(has_text=text).first

    def show(self, name: str, **how) -> None:
        """Keep a screenshot."""
        keep_picture(self.page, f"formgrader-{name}", **how)
