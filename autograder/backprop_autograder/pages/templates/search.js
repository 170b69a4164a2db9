(function () {
  var field = document.querySelector(".search input");
  var list = document.querySelector(".search ol");
  var most = 12;

  function score(entry, words) {
    var title = entry.title.toLowerCase(), text = entry.text.toLowerCase(), sum = 0;
    for (var k = 0; k < words.length; k++) {
      if (title.indexOf(words[k]) >= 0) { sum += 10; }
      else if (text.indexOf(words[k]) >= 0) { sum += 1; }
      else { return 0; }
    }
    return sum;
  }

  function excerpt(entry, word) {
    var at = Math.max(0, entry.text.toLowerCase().indexOf(word) - 40);
    return (at ? "… " : "") + entry.text.slice(at, at + 130) + (entry.text.length > at + 130 ? " …" : "");
  }

  function item(entry, words) {
    var item = document.createElement("li"), link = document.createElement("a");
    var title = document.createElement("b"), where = document.createElement("span");
    link.href = entry.page + ".html#" + entry.at;
    title.textContent = entry.title || entry.unit;
    where.textContent = entry.unit + ": " + excerpt(entry, words[0]);
    link.append(title, where);
    item.append(link);
    link.addEventListener("click", function () { list.textContent = ""; });
    return item;
  }

  field.addEventListener("input", function () {
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.textContent = "";
    if (!words.length) { return; }
    var found = window.searchIndex
      .map(function (entry) { return { entry: entry, score: score(entry, words) }; })
      .filter(function (one) { return one.score; })
      .sort(function (a, b) { return b.score - a.score; })
      .slice(0, most);
    found.forEach(function (one) { list.append(item(one.entry, words)); });
    if (!found.length) {
      var none = document.createElement("li");
      none.className = "none";
      none.textContent = "Nothing found.";
      list.append(none);
    }
  });
  field.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { field.value = ""; list.textContent = ""; }
    if (event.key === "Enter" && list.querySelector("a")) { list.querySelector("a").click(); }
  });
})();
