(function () {
  "use strict";
  const byId = (name) => document.getElementById(name);
  const drafts = new Map(); // by key of an answer: what was typed and not saved, and what it was typed over
  const texts = new Map(); // by key: the answer itself, made safe where it was rendered
  let state = { answers: [], items: [], most: 0 }, at = 0, old = null, busy = false;

  const round = (x) => Number(x.toFixed(6));
  const signed = (x) => (x > 0 ? "+" : x < 0 ? "−" : "") + Math.abs(x);
  const linesOf = (text) => text.split("\n");
  const current = () => state.answers[at];
  const points = (answer) => (answer.score === null ? "" : String(answer.score));

  function say(words, bad) {
    byId("said").textContent = words;
    byId("said").className = bad ? "bad" : "";
  }

  function sum(comment) {
    const has = new Set(linesOf(comment));
    const total = state.items.filter((item) => has.has(item.words)).reduce((so, item) => so + item.points, 0);
    return Math.min(Math.max(round(total), 0), state.most);
  }

  // --- talking to the server ---

  async function ask(where, data) {
    const how = data && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) };
    let reply;
    try {
      reply = await fetch(where, how || {});
    } catch {
      throw new Error("The page's program has ended, and nothing was saved. Next: start backprop review again.");
    }
    const body = await reply.json();
    if (!reply.ok) { throw Object.assign(new Error(body.error), { status: reply.status }); }
    return body;
  }

  async function load() {
    const key = current() ? current().key : location.hash.slice(1);
    state = await ask("state");
    at = Math.max(state.answers.findIndex((one) => one.key === key), 0);
  }

  async function text(answer) {
    if (answer && !texts.has(answer.key)) { texts.set(answer.key, (await ask("answer/" + answer.key)).html); }
    return answer ? texts.get(answer.key) : "";
  }

  function guarded(action) {
    return async (...given) => {
      if (busy) { return; }
      busy = true;
      try { await action(...given); } catch (error) { say(error.message, true); } finally { busy = false; }
    };
  }

  // --- what is typed, and not saved yet ---

  function keep() {
    const answer = current();
    if (!answer) { return; }
    const typed = { score: byId("score").value, comment: byId("comment").value };
    const draft = drafts.get(answer.key);
    if (typed.score === points(answer) && typed.comment === answer.comment) { drafts.delete(answer.key); }
    else { drafts.set(answer.key, { ...typed, seen: draft ? draft.seen : answer.seen }); }
    drawState();
  }

  // --- drawing ---

  function drawState() {
    const answer = current(), waiting = state.answers.filter((one) => one.waits).length, all = state.answers.length;
    byId("left").textContent = !all ? "" : waiting ? (all - waiting) + " of " + all + " graded" : "all " + all + " graded";
    byId("meter").style.width = (all ? 100 * (all - waiting) / all : 0) + "%";
    byId("place").textContent = answer ? "Answer " + (at + 1) + " of " + all : "Answer";
    byId("state").textContent = !answer ? "" : drafts.has(answer.key) ? "not saved" : answer.waits ? "waiting" : "graded";
    byId("state").className = "score " + (answer && !drafts.has(answer.key) && !answer.waits ? "passed" : "soft");
  }

  function drawItems() {
    const has = new Set(linesOf(byId("comment").value)), list = byId("items");
    const focused = list.contains(document.activeElement) ? [...list.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    list.replaceChildren(...state.items.map((item, k) => {
      const row = document.createElement("li"), pick = document.createElement("button"), edit = document.createElement("button");
      for (const [kind, words] of [[k < 9 ? "kbd" : "span", k < 9 ? k + 1 : ""], ["span", item.words], ["span", signed(item.points)]]) {
        const part = document.createElement(kind);
        part.textContent = words;
        pick.append(part);
      }
      pick.className = "pick";
      pick.setAttribute("aria-pressed", String(has.has(item.words)));
      pick.addEventListener("click", (event) => {
        toggle(k);
        if (event.detail) { document.activeElement.blur(); } // with a mouse, Enter saves
      });
      edit.className = "edit";
      edit.textContent = "edit";
      edit.setAttribute("aria-label", "edit " + item.words);
      edit.addEventListener("click", () => change(item));
      row.append(pick, edit);
      return row;
    }));
    if (focused >= 0) { list.querySelectorAll("button")[focused]?.focus(); }
    byId("none").hidden = state.items.length > 0;
    drawLines(has);
  }

  function drawLines(has) {
    const items = new Set(state.items.map((item) => item.words)), count = new Map();
    for (const one of state.answers) {
      for (const line of linesOf(one.comment)) {
        if (line && !items.has(line) && !has.has(line)) { count.set(line, (count.get(line) || 0) + 1); }
      }
    }
    const often = [...count].sort((one, other) => other[1] - one[1]).slice(0, 8);
    byId("earlier").hidden = !often.length;
    byId("lines").replaceChildren(...often.map(([line]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "line";
      button.textContent = line;
      button.addEventListener("click", () => { byId("comment").value = added(line); keep(); drawItems(); });
      return button;
    }));
  }

  function draw() {
    const answer = current();
    if (!answer) {
      byId("answer").textContent = "Nobody has written anything yet.";
      drawState();
      drawItems();
      return;
    }
    history.replaceState(null, "", "#" + answer.key);
    const shown = drafts.get(answer.key) || { score: points(answer), comment: answer.comment };
    byId("comment").value = shown.comment;
    byId("score").value = shown.score;
    byId("score").max = state.most;
    byId("most").textContent = "of " + state.most;
    const clash = shown.seen && shown.seen !== answer.seen;
    byId("conflict").hidden = !clash;
    if (clash) {
      byId("theirs").textContent = "Somebody else has saved this answer meanwhile: " + (answer.waits ? "no points yet" : answer.score + " of " + state.most)
        + (answer.comment ? ", “" + answer.comment.replace(/\n/g, " / ") + "”" : "") + ". What you typed is below, and is not saved.";
    }
    drawState();
    drawItems();
    byId("answer").setAttribute("aria-busy", "true");
    text(answer).then((html) => {
      if (current().key !== answer.key) { return; }
      byId("answer").innerHTML = html;
      byId("answer").setAttribute("aria-busy", "false");
      text(state.answers[at + 1]).catch(() => {}); // there when it is asked for
    }).catch((error) => say(error.message, true));
  }

  // --- what a grader does ---

  function added(line) {
    const comment = byId("comment").value.replace(/\s+$/, "");
    return comment ? comment + "\n" + line : line;
  }

  function toggle(k) {
    const item = state.items[k];
    if (!item || !current()) { return; }
    const lines = linesOf(byId("comment").value);
    byId("comment").value = lines.includes(item.words) ? lines.filter((line) => line !== item.words).join("\n") : added(item.words);
    byId("score").value = sum(byId("comment").value);
    keep();
    drawItems();
  }

  function change(item) {
    old = item ? item.words : null;
    byId("words").value = item ? item.words : "";
    byId("points").value = item ? item.points : 1;
    byId("add").textContent = item ? "change for everybody" : "add";
    byId("remove").hidden = byId("cancel").hidden = !item;
    if (item) { byId("words").focus(); byId("words").select(); }
  }

  async function put(words) {
    const worth = Number(byId("points").value), before = old, had = state.items;
    if (words === "") { throw new Error("An item has words."); }
    const { moved } = await ask("item", words === null ? { words, old: before } : { words, points: worth, old: before || "" });
    await load();
    for (const [key, draft] of drafts) { // what I typed goes on from what this has made of it
      if (moved[key] && draft.seen === moved[key][0]) { draft.seen = moved[key][1]; }
      if (before !== null && linesOf(draft.comment).includes(before)) {
        const has = new Set(linesOf(draft.comment));
        const was = Math.min(Math.max(round(had.filter((item) => has.has(item.words)).reduce((so, item) => so + item.points, 0)), 0), state.most);
        const kept = linesOf(draft.comment).map((line) => (line === before ? words : line)).filter((line) => line !== null);
        draft.comment = kept.join("\n");
        if (draft.score !== "" && Number(draft.score) === was) { draft.score = String(sum(draft.comment)); }
      }
    }
    change(null);
    const many = Object.keys(moved).length;
    say(before === null ? "Added." : "Changed for " + many + (many === 1 ? " answer." : " answers."));
    draw();
    if (before === null) { byId("words").blur(); byId("points").blur(); }
  }

  async function save() {
    const answer = current();
    if (!answer) { return; }
    keep();
    const draft = drafts.get(answer.key);
    if (!draft) {
      if (answer.waits) { say("No points yet: click an item, or type them. → goes on without.", true); return; }
      next("");
      return;
    }
    if (draft.score !== "" && !byId("score").checkValidity()) { say("Points are from 0 to " + state.most + ".", true); return; }
    const score = draft.score === "" ? null : Number(draft.score);
    try {
      await ask("save", { key: answer.key, score, comment: draft.comment, seen: draft.seen });
    } catch (error) {
      if (error.status !== 409) { throw error; }
      await load();
      say("", false);
      draw();
      byId("conflict").scrollIntoView({ block: "nearest" });
      return;
    }
    drafts.delete(answer.key);
    await load();
    next(score === null ? "Saved; it waits for points." : "Saved.");
  }

  function next(words) {
    const all = state.answers.length, steps = Array.from({ length: all }, (_, k) => (at + 1 + k) % all);
    const waiting = steps.find((k) => state.answers[k].waits && k !== at);
    if (waiting === undefined && !state.answers.some((one) => one.waits)) { words = (words + " Everything is graded.").trim(); }
    at = waiting === undefined ? Math.min(at + 1, all - 1) : waiting;
    document.activeElement.blur(); // keys are for the next answer, not more words on this one
    say(words);
    draw();
    if (byId("answer").getBoundingClientRect().top < 0) { byId("place").scrollIntoView(); }
  }

  function look(step) {
    keep();
    at = Math.min(Math.max(at + step, 0), Math.max(state.answers.length - 1, 0));
    say("");
    draw();
  }

  const saving = guarded(save), putting = guarded(put);
  byId("save").addEventListener("click", saving);
  byId("back").addEventListener("click", () => look(-1));
  byId("forward").addEventListener("click", () => look(1));
  byId("comment").addEventListener("input", () => { keep(); drawItems(); });
  byId("score").addEventListener("input", keep);
  byId("form").addEventListener("submit", (event) => { event.preventDefault(); putting(byId("words").value.trim()); });
  byId("remove").addEventListener("click", () => putting(null));
  byId("cancel").addEventListener("click", () => change(null));
  byId("take").addEventListener("click", () => { drafts.delete(current().key); draw(); });
  byId("mine").addEventListener("click", guarded(async () => {
    keep();
    const draft = drafts.get(current().key);
    if (draft) { draft.seen = current().seen; }
    await save();
  }));
  addEventListener("beforeunload", (event) => { if (drafts.size) { event.preventDefault(); } });
  document.addEventListener("keydown", (event) => {
    const where = event.target, typing = /^(TEXTAREA|INPUT)$/.test(where.tagName);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || where.id === "score" || !typing && !/^(BUTTON|SUMMARY)$/.test(where.tagName))) {
      event.preventDefault();
      saving();
    } else if (event.key === "Escape") {
      if (where.closest("form")) { change(null); }
      document.activeElement.blur();
    } else if (typing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (/^[1-9]$/.test(event.key)) { toggle(Number(event.key) - 1); }
    else if (event.key === "ArrowRight") { look(1); }
    else if (event.key === "ArrowLeft") { look(-1); }
    else if (event.key === "c") { event.preventDefault(); byId("comment").focus(); }
  });
  guarded(async () => {
    await load();
    if (!location.hash && current() && !current().waits) { at = Math.max(state.answers.findIndex((one) => one.waits), 0); }
    draw();
  })();
})();
