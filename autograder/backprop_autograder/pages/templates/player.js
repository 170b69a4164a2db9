/* Explorers without a kernel: every state was drawn beforehand, and the controls choose among them. */
(function () {
  var beat = 900, serial = 0;

  function make(kind, content, attributes) {
    var element = document.createElement(kind);
    if (content) { element.textContent = content; }
    Object.keys(attributes || {}).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    return element;
  }

  function same(a, b) { return a.at === b.at && a.labels.join("\n") === b.labels.join("\n"); }

  function build(place, explorer) {
    var folder = place.getAttribute("data-folder"), body = make("div", "", {"class": "stage"});
    var chosen = [], nodes = [], fields = [], id = "explorer-" + (serial += 1), timer = 0;
    var predicted = "", answer = make("p", "", {"class": "told", "aria-live": "polite"});
    var typed = make("p", "", {"class": "soft typed"});
    var frame = make("div", "", {"class": "frame"}), image = make("img", "", {alt: ""});
    var words = make("p", "", {"class": "words", "aria-live": "polite", id: id + "-words"});

    /* Go down the tree of states; what a control above has not changed stays as it was chosen. */
    function descend() {
      var node = explorer.tree;
      explorer.controls.forEach(function (_, k) {
        if (!nodes[k] || !same(nodes[k], node)) { chosen[k] = node.at; }
        nodes[k] = node;
        node = node.next[chosen[k]];
      });
      show(explorer.states[node]);
      fields.forEach(function (field) { field.update(); });
      answer.textContent = predicted;  /* once something has moved */
    }

    function show(state) {
      if (state.picture) {
        image.src = folder + "/" + state.picture;
        image.alt = "Picture: " + state.words;
        if (!image.parentNode) { frame.replaceChildren(image); }
      } else {
        frame.innerHTML = (state.drawing || []).map(function (k) { return window.playable.pieces[k]; }).join("");
        var svg = frame.querySelector("svg");
        if (svg) { svg.setAttribute("aria-label", "Picture: " + state.words); }
      }
      typed.replaceChildren();
      (state.typed || []).forEach(function (pair) {
        typed.append(make("span", pair[0] + ": "), make("code", pair[1]), make("br"));
      });
      typed.hidden = !state.typed;
      words.textContent = state.words;
    }

    function stop() { clearInterval(timer); timer = 0; }

    function choice(k) {
      var list = make("select", "", {id: id + "-" + k});
      list.addEventListener("change", function () { stop(); chosen[k] = list.selectedIndex; descend(); });
      return {parts: [list], update: function () {
        var labels = nodes[k].labels;
        if (labels.join("\n") !== list.getAttribute("data-labels")) {
          list.replaceChildren.apply(list, labels.map(function (label) { return make("option", label); }));
          list.setAttribute("data-labels", labels.join("\n"));
        }
        list.selectedIndex = chosen[k];
      }};
    }

    function slider(k) {
      var range = make("input", "", {type: "range", min: 0, step: 1, id: id + "-" + k});
      var value = make("output", "", {"for": id + "-" + k});
      var play = make("button", "Play", {type: "button", "aria-label": "Play " + explorer.controls[k].label});
      function go(position) { chosen[k] = position; descend(); }
      function next() {
        if (chosen[k] === nodes[k].next.length - 1) { stop(); descend(); } else { go(chosen[k] + 1); }
      }
      range.addEventListener("input", function () { stop(); go(Number(range.value)); });
      play.addEventListener("click", function () {
        var runs = timer;
        stop();
        if (runs) { descend(); return; }
        timer = setInterval(next, beat);
        go(chosen[k] === nodes[k].next.length - 1 ? 0 : chosen[k] + 1);
      });
      return {parts: [range, value, play], update: function () {
        var label = nodes[k].labels[chosen[k]];
        range.max = nodes[k].next.length - 1;
        range.value = chosen[k];
        range.setAttribute("aria-valuetext", label);
        value.textContent = label;
        play.textContent = timer && play.getAttribute("data-on") ? "Pause" : "Play";
      }, play: play};
    }

    explorer.controls.forEach(function (control, k) {
      var row = make("div", "", {"class": "control"});
      var field = control.slider ? slider(k) : choice(k);
      row.append(make("label", control.label, {"for": id + "-" + k}));
      row.append.apply(row, field.parts);
      if (field.play) {
        field.play.addEventListener("click", function () {
          fields.forEach(function (other) { if (other.play) { other.play.removeAttribute("data-on"); } });
          field.play.setAttribute("data-on", "yes");
          field.update();
        });
      }
      fields.push(field);
      body.append(row);
    });
    body.append(typed, frame, words);
    if (explorer.left.length) {
      body.append(make("p", "In the notebook there is more to move: " + explorer.left.join(", ") + ".", {"class": "soft"}));
    }
    ask();
    place.append(body);
    descend();

    function ask() {
      if (!explorer.question) { return; }
      var question = make("p", " " + explorer.question), row = make("p", "", {"class": "choices"});
      question.prepend(make("b", "Predict first."));
      explorer.choices.forEach(function (text, k) {
        var button = make("button", text, {type: "button", "aria-pressed": "false"});
        button.addEventListener("click", function () {
          Array.from(row.children).forEach(function (other) { other.setAttribute("aria-pressed", String(other === button)); });
          predicted = explorer.answer[k] || "";
          answer.textContent = "";
          body.hidden = false;
        });
        row.append(button);
      });
      body.hidden = explorer.choices.length > 0;
      place.append(question, row, answer);
    }
  }

  document.querySelectorAll("[data-explorer]").forEach(function (place) {
    var found = window.playable && window.playable.explorers[place.getAttribute("data-explorer")];
    if (found) { build(place, found); }
  });
})();
