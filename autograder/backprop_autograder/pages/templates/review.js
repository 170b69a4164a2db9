(function () {
  "use strict";
  var state = { answers: [], items: [], most: 0 }, at = 0, old = null;
  function byId(name) { return document.getElementById(name); }
  function say(words) { byId("said").textContent = words; }
  function lines() { return byId("comment").value.split("\n"); }
  function sum() {
    var has = lines();
    var points = state.items.filter(function (item) { return has.indexOf(item.words) >= 0; })
      .reduce(function (total, item) { return total + item.points; }, 0);
    return Math.min(Math.max(points, 0), state.most);
  }
  function drawItems() {
    var list = byId("items");
    list.textContent = "";
    state.items.forEach(function (item, k) {
      var row = document.createElement("li"), pick = document.createElement("button"), change = document.createElement("button");
      pick.className = "pick";
      pick.textContent = (k < 9 ? (k + 1) + "  " : "") + item.words + "  (" + (item.points > 0 ? "+" : "") + item.points + ")";
      pick.setAttribute("aria-pressed", String(lines().indexOf(item.words) >= 0));
      pick.addEventListener("click", function () { toggle(k); });
      change.textContent = "edit";
      change.addEventListener("click", function () {
        old = item.words; byId("words").value = item.words; byId("points").value = item.points;
        byId("add").textContent = "change for everybody"; byId("words").focus();
      });
      row.append(pick, change);
      list.append(row);
    });
  }
  function draw() {
    var answer = state.answers[at];
    if (!answer) { byId("answer").textContent = "Nobody has written anything yet."; byId("place").textContent = ""; return; }
    byId("answer").innerHTML = answer.html;  // made safe where it was rendered
    byId("comment").value = answer.comment;
    byId("score").value = answer.score === null ? "" : answer.score;
    byId("score").max = state.most;
    byId("most").textContent = "of " + state.most;
    var left = state.answers.filter(function (one) { return one.waits; }).length;
    byId("place").textContent = "answer " + (at + 1) + " of " + state.answers.length + (left ? ", " + left + " waiting" : ", all graded");
    drawItems();
  }
  function toggle(k) {
    var item = state.items[k], has = lines();
    if (!item) { return; }
    var now = has.indexOf(item.words) >= 0
      ? has.filter(function (line) { return line !== item.words; })
      : has.filter(function (line, n) { return line || n < has.length - 1; }).concat([item.words]);
    byId("comment").value = now.join("\n").replace(/^\n+/, "");
    byId("score").value = sum();
    drawItems();
  }
  function post(where, data) {
    return fetch(where, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) })
      .then(function (reply) {
        return reply.json().then(function (body) {
          if (!reply.ok) { var error = new Error(body.error); error.status = reply.status; throw error; }
          return body;
        });
      });
  }
  function load() {
    return fetch("state").then(function (reply) { return reply.json(); }).then(function (found) { state = found; draw(); });
  }
  function next() {
    var waiting = state.answers.findIndex(function (one, k) { return k > at && one.waits; });
    at = waiting >= 0 ? waiting : Math.min(at + 1, state.answers.length - 1);
    draw();
  }
  function save() {
    var answer = state.answers[at], score = byId("score").value === "" ? null : Number(byId("score").value);
    if (!answer) { return Promise.resolve(); }
    var data = { key: answer.key, score: score, comment: byId("comment").value, seen: answer.seen };
    return post("save", data).then(function (body) {
      answer.seen = body.seen; answer.score = score; answer.comment = data.comment; answer.waits = score === null;
      say("Saved.");
      next();
    }).catch(function (error) { return (error.status === 409 ? load() : Promise.resolve()).then(function () { say(error.message); }); });
  }
  function look(step) { at = Math.min(Math.max(at + step, 0), state.answers.length - 1); say(""); draw(); }
  byId("save").addEventListener("click", save);
  byId("back").addEventListener("click", function () { look(-1); });
  byId("comment").addEventListener("input", drawItems);
  byId("add").addEventListener("click", function () {
    var data = { words: byId("words").value, points: Number(byId("points").value) }, kept = byId("comment").value;
    if (old !== null) { data.old = old; }
    post("item", data).then(function (body) {
      say(old === null ? "Added." : "Changed for " + body.moved + ".");
      var changed = old !== null;
      old = null; byId("words").value = ""; byId("points").value = 0; byId("add").textContent = "add";
      return load().then(function () { if (!changed) { byId("comment").value = kept; drawItems(); } });
    }).catch(function (error) { say(error.message); });
  });
  document.addEventListener("keydown", function (event) {
    var typing = /^(TEXTAREA|INPUT)$/.test(event.target.tagName);
    if (event.key === "Enter" && (event.ctrlKey || !typing && event.target.tagName !== "BUTTON")) { event.preventDefault(); save(); }
    else if (event.key === "Escape") { document.activeElement.blur(); }
    else if (typing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    else if (/^[1-9]$/.test(event.key)) { toggle(Number(event.key) - 1); }
    else if (event.key === "ArrowRight") { look(1); }
    else if (event.key === "ArrowLeft") { look(-1); }
    else if (event.key === "c") { event.preventDefault(); byId("comment").focus(); }
  });
  load();
})();
