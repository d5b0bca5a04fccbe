// The page works without this. With it: Esc twice leaves at once, a form is sent once, the result can be printed.
(function () {
  "use strict";
  var exit = document.body.dataset.exit, quiz = document.getElementById("quiz"), sent = false, last = 0;

  function leave() {
    document.body.classList.add("gone");
    document.title = "";
    if (quiz) {
      var data = new URLSearchParams(new FormData(quiz));
      data.set("do", "exit");
      fetch(quiz.action, { method: "POST", body: data, keepalive: true, redirect: "manual", credentials: "same-origin" }).catch(function () {});
    }
    try {
      window.top.location.replace(exit); // out of a frame too
    } catch (e) {
      window.location.replace(exit);
    }
  }

  document.addEventListener("keydown", function (e) {
    if (e.key !== "Escape") return;
    var now = Date.now();
    if (now - last < 1500) leave();
    last = now;
  });
  document.addEventListener("click", function (e) {
    var on = e.target.closest("[data-leave], button.exit, .print");
    if (!on) return;
    e.preventDefault();
    if (on.classList.contains("print")) window.print(); else leave();
  });
  if (quiz) {
    quiz.addEventListener("submit", function (e) {
      if (sent) e.preventDefault();
      sent = true;
    });
  }
  window.addEventListener("pageshow", function (e) {
    sent = false;
    if (e.persisted) window.location.reload(); // never an old question out of the browser's memory
  });
  var print = document.querySelector(".print");
  if (print) print.hidden = false;
})();
