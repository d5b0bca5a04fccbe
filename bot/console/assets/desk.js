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
      if (old.id === "news") { // who calls may change while as many wait as before; it is read out when its text changes, not when it is replaced
        ["count", "calls", "duty"].forEach(function (k) { old.dataset[k] = next.dataset[k]; });
        if (old.textContent !== next.textContent) old.textContent = next.textContent;
        document.dispatchEvent(new Event("desk:news"));
        return;
      }
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
      old.querySelectorAll("input[id]:checked").forEach(function (i) {
        var same = next.querySelector("#" + CSS.escape(i.id));
        if (same) same.checked = true;
      });
      old.querySelectorAll("select[id]").forEach(function (s) {
        var same = next.querySelector("#" + CSS.escape(s.id));
        if (same && Array.prototype.some.call(same.options, function (o) { return o.value === s.value; })) same.value = s.value;
      });
      var into = document.importNode(next, true);
      old.replaceChildren.apply(old, Array.prototype.slice.call(into.childNodes));
      for (var k in into.dataset) old.dataset[k] = into.dataset[k];
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
    var low = frame.scrollTop > -80, known = {}; // the frame's end is its 0
    Array.prototype.slice.call(next.children).forEach(function (li) { known[li.id] = true; });
    Array.prototype.slice.call(log.children).forEach(function (li) { if (!known[li.id]) li.remove(); });
    Array.prototype.slice.call(next.children).forEach(function (li) {
      if (!document.getElementById(li.id)) {
        log.appendChild(document.importNode(li, true));
        hush();
      }
    });
    if (low) frame.scrollTop = 0;
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
    var path = location.pathname, page = document.getElementById("main");
    fetch(path, { headers: { "X-Live": document.hidden ? "hidden" : "seen" }, credentials: "same-origin", redirect: "error" }).then(function (r) {
      if (r.status === 401) { pass("ended", ""); return; }
      return r.text().then(function (text) {
        if (page !== document.getElementById("main")) return; // another page stands here now
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
  function send(form, button, pressed) {
    var data = new URLSearchParams(new FormData(form)), box = form.querySelector("textarea"), words = box.value, at = here;
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    data.set("do", button.value);
    fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (r) {
      if (r.status === 401) { pass("ended", ""); return; }
      return r.text().then(function (text) {
        var doc = new DOMParser().parseFromString(text, "text/html");
        var said = document.getElementById("said"), why = doc.getElementById("said");
        if (r.ok && r.redirected) {
          if (box.value.indexOf(words) === 0) box.value = box.value.slice(words.length); // what was typed meanwhile stays
          form.elements.once.value = name();
          if (drafts[at] && drafts[at][box.name] === words) drafts[at][box.name] = "";
          tell("");
        }
        if (!form.isConnected && here !== at) { if (!r.redirected) tell(texts.unsent); return; } // another page stands here now
        var sure = form.elements.sure, asked = doc.querySelector('input[name="sure"]');
        if (sure && asked) sure.value = asked.value;
        if (said && why) said.replaceChildren.apply(said, Array.prototype.slice.call(document.importNode(why, true).childNodes));
        if (doc.getElementById("log")) swap(doc);
        else if (!r.ok) tell(texts.unsent);
        if (pressed && (document.activeElement === button || document.activeElement === body)) box.focus();
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
    if (!form.matches("form[data-send]") || !button || button.value === "draft") return; // the page comes back with the words in the box
    e.preventDefault();
    if (button.value === "insert") insert(form); else send(form, button, true);
  });
  document.addEventListener("keydown", function (e) {
    if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey) || e.target.tagName !== "TEXTAREA") return;
    var form = e.target.closest("form[data-send]"), button = form && form.querySelector("button[name=do]");
    if (button) { e.preventDefault(); send(form, button); }
  });
  // Small acts leave without the page too, so that what is being typed stays.
  document.addEventListener("submit", function (e) {
    var form = e.target, button = e.submitter, data, at = here;
    if (!form.matches("form[data-quiet]") || e.defaultPrevented) return;
    e.preventDefault();
    data = new URLSearchParams(new FormData(form));
    if (button && button.name) data.set(button.name, button.value);
    fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (r) {
      if (r.status === 401) { pass("ended", ""); return; }
      return r.text().then(function (text) {
        var doc = new DOMParser().parseFromString(text, "text/html"), said = document.getElementById("said"), why = doc.getElementById("said");
        if (said && why) said.replaceChildren.apply(said, Array.prototype.slice.call(document.importNode(why, true).childNodes));
        if (doc.getElementById("log") && here === at) swap(doc);
      });
    }).catch(function () { lost = true; tell(texts.offline); });
  });
  function insert(form) {
    var select = form.querySelector("select"), option = select.options[select.selectedIndex];
    if (option && option.dataset.text) put(form.querySelector("textarea"), option.dataset.text);
    select.selectedIndex = 0;
  }
  function put(box, words) {
    box.value = (box.value.trim() ? box.value.replace(/\s+$/, "") + "\n" : "") + words;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  // Another page of the room takes the place of this one: what is half written in a talk waits there, and sounds go on.
  var drafts = {};
  function keep() {
    if (!here) return;
    var text = document.getElementById("text"), note = document.getElementById("note");
    drafts[here] = { text: text ? text.value : "", note: note ? note.value : "" };
    if (!drafts[here].text.trim() && !drafts[here].note.trim()) delete drafts[here];
  }
  function room(path) { return /^\/desk(\/next|\/duty|\/case\/[\w-]+)?$/.test(path); }
  function enter(doc, url, push) {
    var main = doc.getElementById("main"), to = new URL(url, location.href);
    if (!main || !doc.body.dataset.live || !/^(queue|case)$/.test(doc.body.dataset.page)) { location.href = to.pathname + to.search; return; }
    document.getElementById("main").replaceWith(document.importNode(main, true));
    var head = document.querySelector("body > header"), next = doc.querySelector("body > header");
    if (head && next) head.replaceWith(document.importNode(next, true));
    document.body.className = doc.body.className;
    ["case"].forEach(function (k) { if (doc.body.dataset[k]) texts[k] = doc.body.dataset[k]; else delete texts[k]; });
    texts.page = doc.body.dataset.page;
    here = texts.case || "";
    title = doc.title.replace(/^\(\d+\) /, "");
    typed = {};
    var path = here ? to.pathname : "/desk"; // whatever form led there
    if (push && path !== location.pathname) history.pushState(null, "", path);
    var draft = here && drafts[here];
    if (draft) {
      ["text", "note"].forEach(function (id) { var box = document.getElementById(id); if (box && draft[id] && !box.value) box.value = draft[id]; });
      if (draft.note.trim()) document.getElementById("aside-note").open = true;
      delete drafts[here];
    }
    settle();
    document.getElementById("main").focus({ preventScroll: true });
    window.scrollTo(0, 0);
    document.dispatchEvent(new Event("desk:page"));
  }
  function go(path, push, options) {
    if (ended) return Promise.resolve();
    keep();
    return fetch(path, Object.assign({ credentials: "same-origin" }, options)).then(function (r) {
      if (r.status === 401) { pass("ended", ""); return; }
      return r.text().then(function (text) { enter(new DOMParser().parseFromString(text, "text/html"), r.url, push); });
    }).catch(function () { lost = true; tell(texts.offline); });
  }
  document.addEventListener("click", function (e) {
    var a = e.target.closest && e.target.closest("a[href]");
    if (!a || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey || a.target || a.hash || a.origin !== location.origin || !room(a.pathname) || !room(location.pathname)) return;
    e.preventDefault();
    go(a.pathname, true);
  });
  document.addEventListener("submit", function (e) {
    var form = e.target, button = e.submitter, path = new URL(form.action).pathname;
    if (e.defaultPrevented || form.method !== "post" || form.enctype === "multipart/form-data" || form.matches("[data-send]") || !room(path) || !room(location.pathname)) return;
    e.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    var data = new URLSearchParams(new FormData(form));
    if (button && button.name) data.set(button.name, button.value);
    go(path, true, { method: "POST", body: data }).then(function () { delete form.dataset.busy; });
  });
  window.addEventListener("popstate", function () { go(location.pathname, false); });
  window.addEventListener("beforeunload", function (e) {
    keep();
    if (!ended && Object.keys(drafts).length) e.preventDefault();
  });

  // Prepared replies are found by a few letters: / at the beginning of a line in the box, or anywhere outside it.
  function pick() {
    var picker = document.getElementById("picker"), box = document.getElementById("text"), select = document.getElementById("reply");
    if (!picker || !box || !select || picker.open) return;
    var find = document.getElementById("picker-find"), list = document.getElementById("picker-list"), at = 0, shown = [];
    function plainly(words) { return words.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); }
    function draw() {
      var want = plainly(find.value);
      shown = Array.prototype.filter.call(select.options, function (o) { return o.dataset.text && plainly(o.textContent + " " + o.dataset.text).indexOf(want) >= 0; });
      at = Math.min(at, Math.max(0, shown.length - 1));
      list.replaceChildren.apply(list, shown.map(function (o, i) {
        var li = document.createElement("li");
        li.id = "pick-" + i;
        li.setAttribute("role", "option");
        li.setAttribute("aria-selected", i === at ? "true" : "false");
        li.textContent = o.textContent;
        li.onclick = function () { at = i; take(); };
        return li;
      }));
      document.getElementById("picker-none").hidden = shown.length > 0;
      if (shown.length) find.setAttribute("aria-activedescendant", "pick-" + at); else find.removeAttribute("aria-activedescendant");
      if (list.children[at]) list.children[at].scrollIntoView({ block: "nearest" });
    }
    function take() {
      var o = shown[at];
      if (!o) return;
      picker.close();
      put(box, o.dataset.text);
    }
    find.value = "";
    find.oninput = function () {
      if (find.value === "/") { // two of them begin a line for colleagues
        picker.close();
        box.focus();
        box.setRangeText("//", box.selectionStart, box.selectionEnd, "end");
        return;
      }
      at = 0;
      draw();
    };
    find.onkeydown = function (e) {
      var move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (move && shown.length) { e.preventDefault(); at = (at + move + shown.length) % shown.length; draw(); }
      if (e.key === "Enter") { e.preventDefault(); take(); }
    };
    picker.onclose = function () { box.focus(); };
    picker.showModal();
    draw();
    find.focus();
  }

  // Keys for all of it. Letters count by their place where the keyboard writes in another script.
  var keysOn = false, keys = document.getElementById("keys"); // single letters act once somebody has chosen it: a stray key takes nobody's talk
  try { keysOn = localStorage.getItem("desk-keys") === "yes"; } catch (e) { /* they do not */ }
  function open(id, focus) {
    var box = document.getElementById(id), to;
    if (!box) return;
    box.open = true;
    if ((to = box.querySelector(focus || "input:not([type=hidden]), button, select, textarea"))) to.focus();
  }
  function press(id) { var b = document.getElementById(id); if (b) b.click(); }
  function stepTalk(by, wanted) {
    var links = Array.prototype.slice.call(document.querySelectorAll("nav.talks a"));
    if (!links.length) { // on the queue the focus moves
      links = Array.prototype.slice.call(document.querySelectorAll(".entry .top a"));
      if (links.length) links[(links.indexOf(document.activeElement) + by + links.length + (by < 0 && links.indexOf(document.activeElement) < 0 ? 1 : 0)) % links.length].focus();
      return;
    }
    var at = links.findIndex(function (a) { return a.getAttribute("aria-current"); });
    for (var i = 1; i <= links.length; i++) {
      var a = links[(at + by * i + links.length * 2 + (at < 0 && by < 0 ? 1 : 0)) % links.length];
      if (a.getAttribute("aria-current") || wanted && !a.matches(wanted)) continue;
      go(a.pathname, true);
      return;
    }
  }
  var acts = {
    n: function () { press("next"); },
    j: function () { stepTalk(1); },
    k: function () { stepTalk(-1); },
    u: function () { if (here) stepTalk(1, ".unread"); else { var b = document.querySelector("#mine .badge:not(.soft)"); if (b) go(b.closest(".entry").querySelector("a").pathname, true); } },
    q: function () { go("/desk", true); },
    t: function () { press("do-take"); },
    r: function () { var box = document.getElementById("text"); if (box) box.focus(); },
    "/": pick,
    m: function () { open("aside-note", "textarea"); },
    c: function () { var box = document.getElementById("card-box"); if (box) { box.open = !box.open || !window.matchMedia("(max-width: 56rem)").matches; box.querySelector("summary").focus(); } },
    l: function () { press("do-look"); press("do-along"); },
    o: function () { open("transfer"); },
    b: function () { open("releasing"); },
    x: function () { open("closing"); },
    "?": function () { if (keys && !keys.open) keys.showModal(); }
  };
  document.addEventListener("keydown", function (e) {
    var into = e.target.closest && e.target.closest("textarea, input, select, [contenteditable]"), dialog = document.querySelector("dialog[open]");
    if (e.isComposing || dialog || e.defaultPrevented) return;
    if (e.altKey && !e.ctrlKey && !e.metaKey && (e.key === "ArrowDown" || e.key === "ArrowUp") && here) {
      e.preventDefault();
      stepTalk(e.key === "ArrowDown" ? 1 : -1);
      return;
    }
    if (e.key === "Escape" && into) { into.blur(); return; }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (into && into.id === "text" && e.key === "/") {
      var before = into.value.slice(0, into.selectionStart);
      if (!/(^|\n)$/.test(before)) return;
      e.preventDefault();
      pick();
      return;
    }
    if (into && !/^(checkbox|radio|submit|button)$/.test(into.type || "")) return;
    if (!keysOn && e.key !== "?") return;
    var key = e.key.length === 1 && /[a-z?\/]/i.test(e.key) ? e.key.toLowerCase() : /^Key[A-Z]$/.test(e.code) && e.key.charCodeAt(0) > 0x2ff ? e.code.slice(3).toLowerCase() : "";
    if (acts[key]) { e.preventDefault(); acts[key](); }
  });
  document.addEventListener("click", function (e) {
    if (!e.target.closest) return;
    if (e.target.closest("#keys-open")) acts["?"]();
    if (e.target.closest("#pick")) pick();
  });
  if (keys) {
    var works = document.getElementById("keys-on");
    works.checked = keysOn;
    works.addEventListener("change", function () {
      keysOn = works.checked;
      try { localStorage.setItem("desk-keys", keysOn ? "yes" : "no"); } catch (e) { /* until the page is loaded anew */ }
    });
  }

  // Notifications say that there is news, and nothing else. They are asked for by whoever wants them.
  function offer() {
    var notify = document.getElementById("notify");
    if (!notify || !window.Notification || Notification.permission === "denied") return;
    notify.hidden = false;
    if (Notification.permission === "granted") { notify.textContent = notify.dataset.granted; notify.disabled = true; }
  }
  document.addEventListener("click", function (e) {
    if (e.target.id === "notify") Notification.requestPermission().then(offer);
  });
  function settle() {
    var small = window.matchMedia("(max-width: 56rem)").matches, opener = document.getElementById("keys-open");
    ["card-box", "talks-box"].forEach(function (id) { var box = document.getElementById(id); if (box && small) box.open = false; }); // the talk first, on a phone
    if (opener) opener.hidden = small;
    offer();
    headline();
  }
  settle();
  window.addEventListener("pageshow", function (e) { if (e.persisted) location.href = location.pathname; });
})();
