// The directory of places: it is searched while one types, and a press puts a place into the box. Without this the page does it.
// Where a talk is closed, whoever chooses a place of the list has chosen the list.
(function () {
  "use strict";
  function fold(text) { return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); }
  function ready() {
    var line = document.getElementById("finding");
    if (line && line.hidden) line.hidden = false;
  }
  ready();
  new MutationObserver(ready).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("input", function (e) {
    if (e.target.id !== "find") return;
    var words = fold(e.target.value).split(/\s+/);
    document.querySelectorAll("#places li").forEach(function (li) {
      var text = fold(li.textContent);
      li.hidden = !words.every(function (w) { return text.indexOf(w) >= 0; });
    });
  });
  document.addEventListener("change", function (e) {
    if (e.target.id === "where") document.getElementById("referred-listed").checked = true;
  });
  document.addEventListener("click", function (e) {
    var button = e.target.closest && e.target.closest("#places button"), box = document.getElementById("text");
    if (!button || !box) return;
    e.preventDefault();
    box.value = (box.value.trim() ? box.value.replace(/\s+$/, "") + "\n" : "") + button.dataset.text;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  });
})();
