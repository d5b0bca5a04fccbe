// What must be noticed by somebody who does not look: sounds, made here without a file, and notifications. Browsers allow a sound once the
// page was touched.
window.call = (function () {
  "use strict";
  var audio = null, silent = false, unheard = false;
  function button() { return document.getElementById("sound"); } // pages take each other's place
  try { silent = localStorage.getItem("desk-silent") === "yes"; } catch (e) { /* then it sounds */ }
  function wake(e) {
    if (!window.AudioContext) return;
    if (e && e.target && /^(sound|quiet-on)$/.test(e.target.id)) unheard = !audio || audio.state !== "running";
    if (!audio) audio = new AudioContext();
    if (audio.state === "suspended") audio.resume();
    audio.onstatechange = state;
    state();
  }
  // Not while a button is pressed down: the words change that stand above others, which would move away from under the press.
  ["click", "keydown"].forEach(function (kind) { document.addEventListener(kind, wake, true); });

  // The sounds there are, as tones: pitch in hertz, when it begins and how long it lasts in seconds. Which one, and how loud, is kept with
  // the account.
  var tunes = {
    rise: [[660, 0, 0.15], [880, 0.16, 0.15]],
    bell: [[1047, 0, 0.5], [1568, 0.02, 0.35]],
    low: [[330, 0, 0.18], [247, 0.2, 0.25]]
  };
  var levels = { quiet: 0.12, usual: 0.3, loud: 0.6 }, chosen = document.getElementById("tune").dataset;

  // In danger the sound is another one, comes four times, and is never quiet.
  function ring(danger, tried) {
    wake();
    if (!audio || silent && !tried || audio.state !== "running") return; // tones would pile up and sound at once later
    var tune = tunes[chosen.tune] || tunes.rise, level = levels[chosen.level] || levels.usual;
    if (danger) level = Math.max(0.5, Math.min(1, 2 * level));
    for (var i = 0; i < (danger ? 4 : 1); i++) {
      tune.forEach(function (t) { tone(danger ? t[0] * (i % 2 ? 1.5 : 1.25) : t[0], audio.currentTime + i * 0.6 + t[1], t[2], level, danger); });
    }
  }
  function tone(pitch, at, long, level, danger) {
    var tone = audio.createOscillator(), gain = audio.createGain();
    tone.type = danger ? "square" : "sine";
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(level, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + long);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + long + 0.01);
  }
  var kept = Promise.resolve();
  function offer() {
    var choice = document.getElementById("sounds");
    if (choice && window.AudioContext) choice.hidden = false;
  }
  document.addEventListener("change", function (e) {
    var form = e.target.form;
    if (!form || !form.closest("#sounds")) return;
    chosen.tune = form.elements.tune.value;
    chosen.level = form.elements.level.value;
    ring(false, true);
    kept = kept.then(function () { // one after the other: the last is to stand
      return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
    }).catch(function () { /* it is so until the page is loaded anew */ });
  });
  document.addEventListener("click", function (e) {
    if (e.target.id === "sound-try" || e.target.id === "sound-try-danger") ring(e.target.id === "sound-try-danger", true);
  });
  offer();

  // Whether it sounds is each counsellor's choice, in each browser. Whoever is on duty and would hear nothing is told so above the room's pages,
  // with one press to change it.
  function state() {
    var sounds = !silent && audio && audio.state === "running";
    if (!window.AudioContext) return;
    [button(), document.getElementById("quiet-on")].forEach(function (b) {
      if (!b) return;
      b.hidden = false;
      b.textContent = silent ? b.dataset.silent : sounds ? b.dataset.sounds || "" : b.dataset.blocked;
    });
    var strip = document.getElementById("quiet"), news = document.getElementById("news");
    if (strip) strip.hidden = !!sounds || !news || news.dataset.duty !== "true";
  }
  document.addEventListener("click", function (e) {
    if (e.target.id !== "sound" && e.target.id !== "quiet-on") return;
    if (silent || !unheard) silent = !silent; // else the press has made it sound at all
    try { localStorage.setItem("desk-silent", silent ? "yes" : "no"); } catch (e) { /* it is so until the page is loaded anew */ }
    state();
    ring(false);
  });
  document.addEventListener("desk:page", function () { state(); offer(); });
  document.addEventListener("desk:news", state);
  state();

  // A notification holds neutral words only. One of the same kind takes the place of the last, and is noticed all the same.
  function notify(words, kind, stays) {
    if (!window.Notification || Notification.permission !== "granted") return;
    try { new Notification(words, { tag: "desk-" + kind, renotify: true, requireInteraction: !!stays }); } catch (e) { /* some phones allow none from a page */ }
  }

  return {
    ring: ring,
    notify: notify,
    loud: function (words, kind) { ring(true); notify(words, kind, true); }
  };
})();
