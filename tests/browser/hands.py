"""Hands on an explorer: press what can be pressed, and look whether the picture changes."""

from functools import partial

from browser.driver import CELLS, LIGHT, Lab

EXPLORER = ".backprop-explorer"
# A digest of what is to be seen of an explorer: pixels of pictures, texts, and colours of buttons.
SEEN = """async element => {
    const digest = async bytes => new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).join(" ");
    const images = Array.from(element.querySelectorAll("img"));
    const seen = await Promise.all(images.map(async image => digest(await (await fetch(image.src)).arrayBuffer())));
    for (const text of element.querySelectorAll(".widget-html-content")) { seen.push(text.innerHTML); }
    for (const button of element.querySelectorAll("button")) { seen.push(button.getAttribute("style") || ""); }
    if (element.querySelector(".jupyter-widgets-error-widget, .jp-icon-error")) { seen.push("broken"); }
    return digest(new TextEncoder().encode(seen.join("\\n")));
}"""
# Whether it looks different from before, now or when a busy machine has drawn: within some milliseconds.
CHANGES = f"""async (element, before) => {{
    const end = performance.now() + 5000;
    do {{
        if (await ({SEEN})(element) !== before) {{ return true; }}
        await new Promise(wake => setTimeout(wake, 30));
    }} while (performance.now() < end);
    return false;
}}"""
# From the key press to the first change of the picture, once it can be painted.
WATCH = """element => {
    window.redrawn = null;
    const start = performance.now();
    const done = async () => {
        observer.disconnect();
        const images = Array.from(element.querySelectorAll("img"));
        await Promise.all(images.map(image => image.decode().catch(() => null)));
        requestAnimationFrame(() => { window.redrawn = performance.now() - start; });
    };
    const observer = new MutationObserver(records => {
        const picture = records.some(r => {
            const node = r.target.nodeType === 1 ? r.target : r.target.parentElement;
            return node.tagName === "IMG" || node.closest(".widget-html-content");
        });
        if (picture) { done(); }
    });
    observer.observe(element, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
KEYS = ("ArrowRight", "Home", "End", "PageDown")


def explorer_cells(lab: Lab) -> list[str]:
    """Return the ids of the cells that show an explorer, after a run."""
    return lab.page.evaluate(
        f"{CELLS}.filter(c => c.model.type === 'code' && c.outputArea && "
        "c.outputArea.model.toJSON().some(o => 'application/vnd.jupyter.widget-view+json' in (o.data || {})) && "
        "!c.model.sharedModel.source.includes('submit_button')).map(c => c.model.id)"
    )


def unfold(lab: Lab, cell_id: str):
    """Scroll to an explorer, choose the first prediction, and return its element."""
    lab.cell(cell_id)
    index = lab.index(cell_id)
    explorer = lab.page.locator(f"{LIGHT}.jp-Cell[data-windowed-list-index='{index}'] {EXPLORER}").first
    explorer.wait_for(state="visible", timeout=10_000)
    predictions = explorer.locator(LIGHT + ".backprop-choices button")
    if predictions.count():
        predictions.first.click()
    explorer.locator(LIGHT + ".backprop-controls").first.wait_for(state="visible")
    lab.page.wait_for_timeout(300)
    return explorer


def controls(explorer) -> list[tuple[str, object]]:
    """Return the controls of an explorer that can be seen, with their labels."""
    found = []
    everything = explorer.locator(LIGHT + ".backprop-control")
    for k in range(everything.count()):
        control = everything.nth(k)
        if control.is_visible():
            label = control.locator(LIGHT + ".widget-label").first
            found.append((label.inner_text() if label.count() else f"control {k + 1}", control))
    return found


def moves(control):
    """Yield things that a hand can do to a control and that do something, each a function."""
    for k in range(control.locator(LIGHT + ".noUi-handle").count()):
        handle = control.locator(LIGHT + ".noUi-handle").nth(k)
        at, end = handle.get_attribute("aria-valuenow"), handle.get_attribute("aria-valuemax")
        for key in ("ArrowLeft", *KEYS) if at == end else KEYS:
            yield partial(handle.press, key)
    for k in range(control.locator(LIGHT + "select option").count()):
        if not control.locator(LIGHT + "select option").nth(k).evaluate("option => option.selected"):
            yield lambda k=k: control.locator(LIGHT + "select").select_option(index=k)
    for k in range(control.locator(LIGHT + "button:not(.mod-active)").count()):
        yield lambda k=k: control.locator(LIGHT + "button:not(.mod-active)").nth(k).click()
    for k in range(control.locator(LIGHT + "input[type=checkbox]").count()):
        yield lambda k=k: control.locator(LIGHT + "input[type=checkbox]").nth(k).click()
    for k in range(control.locator(LIGHT + "input[type=text]:not(.widget-readout)").count()):
        field = control.locator(LIGHT + "input[type=text]").nth(k)
        text = field.input_value()
        yield partial(_type, field, f"{text} + 1")
        _type(field, text)


def _type(field, text: str) -> None:
    field.fill(text)
    field.press("Enter")


def seen(explorer) -> str:
    """Return all that is to be seen of an explorer."""
    return explorer.evaluate(SEEN)


def move(explorer, control) -> bool:
    """Move a control until the explorer looks different; return whether it ever did."""
    changed = False
    for act in moves(control):
        if changed:  # one more step of the generator has put a text back
            continue
        before = seen(explorer)
        act()
        changed = _changes(explorer, before)
    return changed


def height(explorer) -> float:
    """Return how much of the screen is taken by controls and picture, from the first button to the last line drawn."""
    return explorer.evaluate(
        """element => {
            const shown = e => e.getClientRects().length > 0 && e.getBoundingClientRect().height > 0;
            const places = ".backprop-controls, button:not(.backprop-choices button)";
            const tops = Array.from(element.querySelectorAll(places));
            const pictures = Array.from(element.querySelectorAll("img, svg")).filter(shown);
            const top = Math.min(...tops.filter(shown).map(e => e.getBoundingClientRect().top));
            return Math.max(...pictures.map(e => e.getBoundingClientRect().bottom)) - top;
        }"""
    )


def fits_in_width(explorer) -> bool:
    """Return whether nothing of an explorer is wider than it, now or once the page has been laid out."""
    return explorer.evaluate(
        """async element => {
            // Shapes inside a drawing count in its own units, which the page scales.
            const widths = () => Array.from(element.querySelectorAll(":not(svg *)"), e => e.scrollWidth);
            const wide = () => Math.max(...widths()) > element.clientWidth + 1;
            for (let k = 0; k < 40 && wide(); k++) { await new Promise(wake => setTimeout(wake, 50)); }
            return !wide();
        }"""
    )


ROUNDED = 0.051  # the ends of a slider are told with one decimal


def ends(lab: Lab, explorer, control) -> tuple[bool, list[str]]:
    """Press Home, an arrow and End on a control's sliders.

    Returns
    -------
    moved : bool
        Whether the explorer looks different since the last key.
    lost : list of str
        What does not get where the key says, or is not drawn.
    """
    moved, lost = False, []
    for k in range(control.locator(LIGHT + ".noUi-handle").count()):
        handle, places = control.locator(LIGHT + ".noUi-handle").nth(k), []
        for key in ("Home", "ArrowRight", "End"):
            before = seen(explorer) if key == "End" else ""
            handle.press(key)
            places.append(float(handle.get_attribute("aria-valuetext")))
            lab.page.wait_for_timeout(50)
        low, high = (float(handle.get_attribute(f"aria-value{end}")) for end in ("min", "max"))
        at_ends = abs(places[0] - low) < ROUNDED and abs(places[2] - high) < ROUNDED
        if not (at_ends and places[0] < places[1] <= places[2]):
            lost.append(f"{places} in {low} to {high}")
        elif places[1] < places[2]:
            drawn = _changes(explorer, before)
            moved |= drawn
            lost += ["the last value is not drawn"] * (not drawn)
    return moved, lost


def _changes(explorer, before: str) -> bool:
    """Return whether an explorer looks different from before, now or soon."""
    return explorer.evaluate(CHANGES, before)


def redraw_time(lab: Lab, explorer, act) -> float | None:
    """Return the milliseconds from an act to the picture that follows, None if none does."""
    explorer.evaluate(WATCH)
    act()
    try:
        lab.until("window.redrawn !== null", 2)
    except Exception:  # nothing was redrawn: playwright's TimeoutError
        return None
    return lab.page.evaluate("window.redrawn")
