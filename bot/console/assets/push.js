// The switch by which a counsellor is called in this browser also while the page is closed. The browser's own address and keys go to the
// server, which keeps them sealed; signing out ends it.
(function () {
"use strict";
function begin() {
  var form = document.getElementById("push");
  if (!form || !navigator.serviceWorker || !window.PushManager || !window.Notification) return;
  var button = document.getElementById("push-button"), away = document.getElementById("push-away"), told = document.getElementById("push-told");
  var worker = null, on = false, key = decode(form.dataset.key);

  function decode(text) {
    return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), function (c) { return c.charCodeAt(0); });
  }
  function encode(buffer) {
    return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function show(state) {
    on = state.on;
    if (on) away.checked = state.away;
    button.textContent = on ? form.dataset.called : form.dataset.uncalled;
    document.getElementById("push-choice").hidden = !on;
    form.hidden = false;
  }
  function ask(what, s) {
    var data = new URLSearchParams({ form: form.elements.form.value, do: what, away: away.checked ? "yes" : "no" });
    if (s) {
      data.set("endpoint", s.endpoint);
      data.set("key", encode(s.getKey("p256dh")));
      data.set("auth", encode(s.getKey("auth")));
    }
    return fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (r) {
      if (!r.ok) throw new Error(String(r.status));
      return r.json();
    }).then(show);
  }
  // What was made for another key of the program is of no use any more.
  function fits(s) {
    var of = s.options && s.options.applicationServerKey;
    return !of || encode(of) === encode(key);
  }
  function now() {
    return worker.pushManager.getSubscription().then(function (s) {
      if (s && !fits(s)) return s.unsubscribe().then(function () { return null; });
      return s;
    });
  }
  function turn() {
    told.textContent = "";
    if (on) return now().then(function (s) { return ask("off", s).then(function () { return s && s.unsubscribe(); }); });
    return Notification.requestPermission().then(function (may) {
      if (may !== "granted") throw new Error(may);
      return now();
    }).then(function (s) {
      return s || worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    }).then(function (s) { return ask("on", s); });
  }
  function failed() { told.textContent = form.dataset.refused; }
  function busy(f) {
    button.disabled = true;
    f().catch(failed).then(function () { button.disabled = false; });
  }
  button.addEventListener("click", function () { busy(turn); });
  away.addEventListener("change", function () { if (on) busy(function () { return now().then(function (s) { return ask("on", s); }); }); });
  form.addEventListener("submit", function (e) { e.preventDefault(); });

  navigator.serviceWorker.register("/desk/worker.js", { scope: "/desk/" }).then(function (r) {
    worker = r;
    return now();
  }).then(function (s) {
    if (!s || Notification.permission !== "granted") { show({ on: false }); return; }
    return ask("look", s).then(function () { return on || s.unsubscribe(); }); // its service has given it up, or it was a colleague's
  }).catch(function () { form.hidden = true; });
}
begin();
document.addEventListener("desk:page", begin); // pages take each other's place
})();
