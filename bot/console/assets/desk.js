// The desk works without this, by reloading. With it, pages follow what happens, words are sent without leaving the page
// and stay in their box when they cannot be sent.
(function () {
  "use strict";
  var body = document.body, texts = body.dataset, here = texts.case || "", line = document.getElementById("line");
  if (!texts.live) return;
  var title = document.title.replace(/^\(\d+\) /, ""), count = -1, busy = false, again = false, lost = false, typed = {}, shown = 0, ended = false, call = window.call;

  function tell(text) { if (line.textContent !== text) line.textContent = text; }

  // Parts of the page are replaced by those of a newer one, with the focus and what is open kept.
  function swap(doc) {
    var at = document.activeElement, id = at && at.id, from = at && at.selectionStart, to = at && at.selectionEnd;
    document.querySelectorAll("[data-part]").forEach(function (old) {
      var next = doc.getElementById(old.id);
      if (!next) return;
      if (old.dataset.part === "form") {
        if (old.dataset.state === next.dataset.state) return;
        var was = old.querySelector("textarea"), will = next.querySelector("textarea");
        if (was && will) will.value = was.value;
        if (was && !will && was.value.trim()) return; // words that were typed are not taken away
      } else if (plain(old) === plain(next)) {
        return;
      }
      old.querySelectorAll("details[open]").forEach(function (d) {
        var same = d.id && next.querySelector("#" + CSS.escape(d.id));
        if (same) same.open = true;
      });
      old.querySelectorAll("select[id]").forEach(function (s) {
        var same = next.querySelector("#" + CSS.escape(s.id));
        if (same && Array.prototype.some.call(same.options, function (o) { return o.value === s.value; })) same.value = s.value;
      });
      var into = document.importNode(next, true);
      if (old.id === "news") { // it is read out when its text changes, not when it is replaced
        old.dataset.count = into.dataset.count;
        old.dataset.calls = into.dataset.calls;
        if (old.textContent !== into.textContent) old.textContent = into.textContent;
      } else {
        old.replaceChildren.apply(old, Array.prototype.slice.call(into.childNodes));
        for (var k in into.dataset) old.dataset[k] = into.dataset[k];
      }
    });
    lines(doc);
    if (id && document.activeElement !== at) {
      var back = document.getElementById(id);
      if (back) {
        back.focus({ preventScroll: true });
        if (from !== undefined && from !== null && back.setSelectionRange) back.setSelectionRange(from, to);
      }
    }
    headline();
  }

  // Every drawing gives forms a new name for what they send; that alone is no change.
  function plain(el) {
    var copy = el.cloneNode(true);
    copy.querySelectorAll('input[name="once"]').forEach(function (i) { i.remove(); });
    copy.querySelectorAll("details").forEach(function (d) { d.removeAttribute("open"); });
    return copy.innerHTML;
  }

  // The talk grows at its end, so that only what is new is read out.
  function lines(doc) {
    var log = document.getElementById("log"), next = doc.getElementById("log"), frame = document.getElementById("scroll");
    if (!log || !next) return;
    var low = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 80, known = {};
    Array.prototype.slice.call(next.children).forEach(function (li) { known[li.id] = true; });
    Array.prototype.slice.call(log.children).forEach(function (li) { if (!known[li.id]) li.remove(); });
    Array.prototype.slice.call(next.children).forEach(function (li) {
      if (!document.getElementById(li.id)) {
        log.appendChild(document.importNode(li, true));
        hush();
      }
    });
    if (low) frame.scrollTop = frame.scrollHeight;
  }

  function headline() {
    var news = document.getElementById("news");
    if (!news) return;
    var n = Number(news.dataset.count);
    document.title = (ends.hidden ? "" : "⚠ ") + (n ? "(" + n + ") " : "") + title;
    if (count >= 0 && n > count && document.hidden && !news.dataset.calls) {
      call.notify(texts.notify, "news");
    }
    count = n;
    calling();
  }

  // Whoever waits calls until somebody takes them: those in danger more often and louder. One page of a browser calls, or the one that is seen.
  var periods = { danger: 8000, waits: 25000, answer: 60000 }, rang = 0, kind = "";
  function calling() {
    var news = document.getElementById("news"), now = Date.now(), next = news && !ended ? news.dataset.calls : "";
    if (!next) { kind = ""; return; }
    if (next === kind && now - rang < periods[kind] || !source && document.hidden) return;
    kind = next;
    rang = now;
    call.ring(kind === "danger");
    call.notify({ danger: texts.callsDanger, waits: texts.callsWaits, answer: texts.callsAnswer }[kind], "calls", kind === "danger");
  }
  setInterval(calling, 1000);

  function fresh() {
    if (ended) return;
    if (busy) { again = true; return; }
    busy = true;
    fetch(location.pathname, { headers: { "X-Live": document.hidden ? "hidden" : "seen" }, credentials: "same-origin", redirect: "error" }).then(function (r) {
      if (r.status === 401) { pass("ended", ""); return; }
      return r.text().then(function (text) {
        var doc = new DOMParser().parseFromString(text, "text/html");
        if (here && !doc.getElementById("log")) { // erased: its words leave the screen at once
          if (r.status === 404) { document.getElementById("main").replaceWith(document.importNode(doc.getElementById("main"), true)); }
          return;
        }
        if (r.ok) swap(doc);
      });
    }).catch(function () { lost = true; tell(texts.offline); }).then(function () {
      setTimeout(function () { busy = false; if (again) { again = false; fresh(); } }, 300);
    });
  }

  // Nobody is reached here any more, which must not go unnoticed. People's words leave the screen; what was typed stays.
  function over() {
    if (source) source.close();
    source = null;
    ended = true;
    stays();
    var main = document.getElementById("main"), alarm = document.createElement("p");
    var words = Array.prototype.map.call(document.querySelectorAll("textarea"), function (box) { return box.value; }).filter(function (w) { return w.trim(); });
    alarm.className = "alarm";
    alarm.setAttribute("role", "alert");
    alarm.textContent = texts.cutOff;
    main.replaceChildren(alarm);
    if (words.length) {
      var box = document.createElement("textarea");
      box.readOnly = true;
      box.rows = 6;
      box.value = words.join("\n\n");
      box.setAttribute("aria-label", texts.notSent);
      main.appendChild(box);
    }
    document.title = "⚠ " + title;
    call.loud(texts.cutOff, "session");
  }

  // A session that is about to end says so, above everything.
  var ends = document.getElementById("ends");
  function warn(how) {
    ends.querySelector("p").textContent = (how.final ? texts.endsFinal : texts.ends).replace("{minutes}", how.minutes);
    ends.querySelector("button").hidden = how.final;
    if (ends.hidden) call.loud(ends.querySelector("p").textContent, "session");
    ends.hidden = false;
    headline();
  }
  function stays() {
    ends.hidden = true;
    headline();
  }
  ends.addEventListener("submit", function (e) {
    e.preventDefault();
    fetch(ends.action, { method: "POST", body: new URLSearchParams(new FormData(ends)), credentials: "same-origin" }).then(function (r) {
      if (r.status === 401) pass("ended", ""); else if (r.ok) pass("stays", ""); else tell(texts.offline);
    }).catch(function () { tell(texts.offline); });
  });

  // One page of a browser listens for all of them: a browser opens only few streams to one place.
  var source = null, channel = window.BroadcastChannel ? new BroadcastChannel("desk") : null;
  function heard(kind, data) {
    if (kind === "beat") calling(); // browsers slow down the clock of a page that is not seen
    if (kind === "changed" || kind === "hello") fresh();
    if (kind === "typing") typing(JSON.parse(data));
    if (kind === "ended" && !ended) over();
    if (kind === "ends") warn(JSON.parse(data));
    if (kind === "stays") stays();
    if (kind === "lost") { lost = true; tell(texts.offline); }
    if (kind === "back" && lost) { lost = false; tell(texts.regained); setTimeout(function () { if (!lost) tell(""); }, 4000); }
  }
  function pass(kind, data) {
    heard(kind, data);
    if (channel) channel.postMessage([kind, data]);
  }
  function listen() {
    if (ended) return;
    source = new EventSource("/desk/events");
    ["hello", "changed", "typing", "ends", "stays", "ended", "beat"].forEach(function (kind) {
      source.addEventListener(kind, function (e) {
        if (kind === "hello") pass("back", "");
        pass(kind, e.data);
      });
    });
    source.onerror = function () {
      pass("lost", "");
      if (source && source.readyState === EventSource.CLOSED) setTimeout(function () { listen(); fresh(); }, 3000);
    };
  }
  if (channel) channel.onmessage = function (e) { heard(e.data[0], e.data[1]); };
  if (window.EventSource) {
    if (channel && navigator.locks) navigator.locks.request("desk", function () { listen(); return new Promise(function () {}); });
    else listen();
  }
  setInterval(fresh, 60000); // how long people wait
  document.addEventListener("visibilitychange", function () { if (!document.hidden) fresh(); });
  window.addEventListener("online", fresh);

  // Somebody is writing.
  function typing(t) {
    if (t.case !== here) return;
    typed[t.name || ""] = Date.now();
    write();
    setTimeout(write, 6000);
  }
  function hush() { typed = {}; write(); }
  function write() {
    var p = document.getElementById("typing"), names = [], person = false, now = Date.now();
    if (!p) return;
    for (var name in typed) {
      if (now - typed[name] > 5500) continue;
      if (name) names.push(name); else person = true;
    }
    var text = (person ? texts.typingPerson + " " : "") + (names.length ? texts.typing.replace("{names}", names.join(", ")) : "");
    if (p.textContent !== text) p.textContent = text;
  }
  document.addEventListener("input", function (e) {
    var form = e.target.closest && e.target.closest("form[data-send]"), now = Date.now();
    if (!form || e.target.tagName !== "TEXTAREA" || now - shown < 3000) return;
    shown = now;
    var data = new URLSearchParams();
    data.set("form", form.elements.form.value);
    data.set("field", e.target.name);
    fetch("/desk/case/" + here + "/typing", { method: "POST", body: data, credentials: "same-origin" }).catch(function () {});
  });

  // Words leave without the page; what cannot leave stays.
  function send(form, button) {
    var data = new URLSearchParams(new FormData(form)), box = form.querySelector("textarea"), words = box.value;
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    data.set("do", button.value);
    fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (r) {
      if (r.status === 401) { pass("ended", ""); return; }
      return r.text().then(function (text) {
        var doc = new DOMParser().parseFromString(text, "text/html");
        var said = document.getElementById("said"), why = doc.getElementById("said");
        if (r.ok && r.redirected) {
          if (box.value === words) box.value = "";
          form.elements.once.value = name();
          tell("");
        }
        var sure = form.elements.sure, asked = doc.querySelector('input[name="sure"]');
        if (sure && asked) sure.value = asked.value;
        if (said && why) said.replaceChildren.apply(said, Array.prototype.slice.call(document.importNode(why, true).childNodes));
        if (doc.getElementById("log")) swap(doc);
        else if (!r.ok) tell(texts.unsent);
        if (document.activeElement === button || document.activeElement === body) box.focus();
      });
    }).catch(function () { lost = true; tell(texts.unsent); }).then(function () { delete form.dataset.busy; });
  }
  function name() {
    var b = new Uint8Array(8), out = "";
    crypto.getRandomValues(b);
    for (var i = 0; i < 8; i++) out += (b[i] + 256).toString(16).slice(1);
    return out;
  }
  document.addEventListener("submit", function (e) {
    var form = e.target, button = e.submitter;
    if (!form.matches("form[data-send]") || !button) return;
    e.preventDefault();
    if (button.value === "insert") insert(form); else send(form, button);
  });
  document.addEventListener("keydown", function (e) {
    if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey) || e.target.tagName !== "TEXTAREA") return;
    var form = e.target.closest("form[data-send]"), button = form && form.querySelector("button[name=do]");
    if (button) { e.preventDefault(); send(form, button); }
  });
  // Small acts leave without the page too, so that what is being typed stays.
  document.addEventListener("submit", function (e) {
    var form = e.target, button = e.submitter, data;
    if (!form.matches("form[data-quiet]") || e.defaultPrevented) return;
    e.preventDefault();
    data = new URLSearchParams(new FormData(form));
    if (button && button.name) data.set(button.name, button.value);
    fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (r) {
      if (r.status === 401) { pass("ended", ""); return; }
      return r.text().then(function (text) {
        var doc = new DOMParser().parseFromString(text, "text/html"), said = document.getElementById("said"), why = doc.getElementById("said");
        if (said && why) said.replaceChildren.apply(said, Array.prototype.slice.call(document.importNode(why, true).childNodes));
        if (doc.getElementById("log")) swap(doc);
      });
    }).catch(function () { lost = true; tell(texts.offline); });
  });
  function insert(form) {
    var select = form.querySelector("select"), option = select.options[select.selectedIndex], box = form.querySelector("textarea");
    if (option && option.dataset.text) {
      box.value = (box.value.trim() ? box.value.replace(/\s+$/, "") + "\n" : "") + option.dataset.text;
      box.focus();
      box.setSelectionRange(box.value.length, box.value.length);
    }
  }

  // Notifications say that there is news, and nothing else. They are asked for by whoever wants them.
  var notify = document.getElementById("notify");
  if (notify && window.Notification && Notification.permission !== "denied") {
    var state = function () {
      notify.hidden = Notification.permission === "denied";
      if (Notification.permission === "granted") { notify.textContent = notify.dataset.granted; notify.disabled = true; }
    };
    state();
    notify.addEventListener("click", function () { Notification.requestPermission().then(state); });
  }
  var frame = document.getElementById("scroll"), side = document.getElementById("card-box");
  if (side && document.getElementById("text") && window.matchMedia("(max-width: 56rem)").matches) side.open = false; // the talk first, on a phone
  if (frame) frame.scrollTop = frame.scrollHeight;
  headline();
  window.addEventListener("pageshow", function (e) { if (e.persisted) location.href = location.pathname; });
})();
