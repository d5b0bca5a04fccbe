// The page works without this. With it: Esc twice or Shift three times leaves at once, a form is sent once, the result can be printed,
// what a counsellor writes appears by itself, and the numbers can be kept for when there is no connection.
(function () {
  "use strict";
  var exit = document.body.dataset.exit, sent = false, pressed = [];

  var framed = document.body.classList.contains("framed"), box = document.querySelector(".keep"), worker = null, store = null, forgotten = 0;
  try {
    worker = (!framed && navigator.serviceWorker) || null;
    store = worker && window.caches;
  } catch (e) {} // a browser that keeps nothing here

  function forget() { // what was kept for when there is no connection
    if (!store) return Promise.resolve();
    forgotten++;
    return Promise.all([store.delete("kept"), worker.getRegistration("/").then(function (r) { return r && r.unregister(); })]).catch(function () {});
  }

  function put(cache, as, from, before) { // nothing that was asked for before all was forgotten
    return fetch(from, { credentials: "same-origin" }).then(function (r) {
      if (!r.ok || r.redirected || before !== forgotten) throw new Error("not kept");
      return cache.put(as, r);
    });
  }

  function keep(result) { // the numbers, and the result if there is one
    var cache, before = forgotten;
    return worker.register("/sw.js", { scope: "/", updateViaCache: "none" }).then(function (r) {
      if (before !== forgotten) return r.unregister().then(function () { throw new Error("not kept"); });
      return store.open("kept");
    }).then(function (c) {
      cache = c;
      if (result) return put(cache, "/kept/result", result, before);
    }).then(function () {
      return cache.match("/kept/result");
    }).then(function (has) {
      var files = [].map.call(document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]"), function (e) { return e.href || e.src; });
      return Promise.all([put(cache, "/kept/numbers", box.dataset.numbers + (has ? "=result" : ""), before), cache.addAll(files)]);
    });
  }

  function shown(has, says) {
    box.hidden = !has && !box.dataset.numbers;
    box.querySelector("[value=keep]").hidden = !box.dataset.numbers || has && !box.dataset.result;
    box.querySelector("[value=drop]").hidden = !has;
    box.querySelector("[role=status]").textContent = says || "";
  }

  if (store) {
    worker.getRegistration("/").then(function (registered) {
      if (document.body.hasAttribute("data-forget")) return forget();
      if (!box) return;
      shown(!!registered);
      if (registered && box.dataset.numbers) keep().catch(function () {}); // as they are now
      box.addEventListener("click", function (e) {
        if (e.target.value === "keep") {
          keep(box.dataset.result).then(function () { shown(true, box.dataset.kept); }, function () {
            forget().then(function () { shown(false, box.dataset.failed); });
          });
        } else if (e.target.value === "drop") {
          forget().then(function () { shown(false, box.dataset.gone); });
        }
      });
    }).catch(function () {});
  }
  window.addEventListener("beforeinstallprompt", function (e) { e.preventDefault(); }); // nobody is asked; the browser's menu has it

  function leave() {
    forget();
    document.body.classList.add("gone");
    document.title = "";
    var data = new URLSearchParams({ lang: document.body.dataset.lang || "" });
    var session = document.querySelector("input[name=session]");
    if (session) data.set("session", session.value);
    var secure = window.location.protocol === "https:";
    if (!framed) document.cookie = (secure ? "__Host-" : "") + "left=1; path=/; samesite=lax" + (secure ? "; secure" : ""); // for when nobody answers now
    fetch("/out", { method: "POST", body: data, keepalive: true, redirect: "manual", credentials: "same-origin" }).catch(function () {});
    try {
      window.top.location.replace(exit); // out of a frame too
    } catch (e) {
      window.location.replace(exit);
    }
  }

  document.addEventListener("keydown", function (e) {
    var most = { Escape: 2, Shift: 3 }[e.key], now = Date.now();
    if (e.repeat) return;
    pressed = pressed.filter(function (p) { return most && p.key === e.key && now - p.at < 1500; });
    pressed.push({ key: e.key, at: now });
    if (pressed.length >= most) leave();
  });
  document.addEventListener("click", function (e) {
    var on = e.target.closest(".exit, .print");
    if (!on) return;
    e.preventDefault();
    if (on.classList.contains("print")) window.print(); else leave();
  });
  document.querySelectorAll("form").forEach(function (form) {
    form.addEventListener("submit", function (e) {
      if (sent) e.preventDefault();
      sent = true;
    });
  });
  window.addEventListener("pageshow", function (e) {
    sent = false;
    if (e.persisted) window.location.reload(); // never an old question out of the browser's memory
  });
  var talk = document.getElementById("talk"), again = document.querySelector(".again"), typed = 0;
  if (talk) document.addEventListener("input", function (e) { if (e.target.id === "text") typed = Date.now(); });
  function look() {
    window.setTimeout(look, document.hidden ? 15000 : 3000);
    var from;
    fetch(window.location.pathname, { credentials: "same-origin", headers: { "X-Live": document.hidden ? "hidden" : Date.now() - typed < 4000 ? "writing" : "seen" } }).then(function (r) { from = r.url; return r.ok ? r.text() : ""; }).then(function (html) {
      if (!html || sent) return;
      var next = new DOMParser().parseFromString(html, "text/html"), now = next.getElementById("talk"), text = document.getElementById("text"), file = document.getElementById("file");
      var head = document.querySelector("h1"), says = next.querySelector("h1").textContent;
      if (!now || says !== head.textContent) {
        if (!(text && text.value) && !(file && file.value)) window.location.replace(from); // where it has led, with what it says there
        else head.textContent = says; // half a sentence is not lost
        if (now && now.innerHTML !== talk.innerHTML) talk.innerHTML = now.innerHTML;
      } else if (now.children.length !== talk.children.length) {
        talk.innerHTML = now.innerHTML;
        talk.scrollTop = talk.scrollHeight;
      }
      if (now) document.getElementById("typing").textContent = next.getElementById("typing").textContent;
    }).catch(function () {});
  }
  if (talk) {
    talk.scrollTop = talk.scrollHeight;
    if (again) again.hidden = true;
    window.setTimeout(look, 3000);
  }
  var photo = document.getElementById("file"), chosen = document.getElementById("chosen");
  if (photo && chosen) { // the browser's own button is in the browser's language: the label does what it does
    photo.classList.add("visually-hidden");
    photo.addEventListener("change", function () { chosen.textContent = photo.files.length ? photo.files[0].name : ""; });
  }
  var pass = document.querySelector(".pass");
  if (pass && navigator.share) {
    pass.hidden = false;
    pass.addEventListener("click", function () {
      navigator.share({ text: pass.dataset.text, url: pass.dataset.address }).catch(function () {});
    });
  }
  if (navigator.clipboard) document.querySelectorAll(".copy").forEach(function (copy) {
    copy.hidden = false;
    copy.addEventListener("click", function () {
      navigator.clipboard.writeText(copy.dataset.copy).then(function () {
        copy.parentNode.querySelector("[role=status]").textContent = copy.dataset.done;
      }).catch(function () {});
    });
  });
  var print = document.querySelector(".print");
  if (print) print.hidden = false;
})();
