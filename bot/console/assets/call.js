// What must be noticed by somebody who does not look: sounds, made here without a file, and notifications. Browsers allow a sound once the
// page was touched.
window.call = (function () {
  "use strict";
  var audio = null, silent = false, unheard = false, button = document.getElementById("sound");
  try { silent = localStorage.getItem("desk-silent") === "yes"; } catch (e) { /* then it sounds */ }
  function wake(e) {
    if (!window.AudioContext) return;
    if (e && e.target === button) unheard = !audio || audio.state !== "running";
    if (!audio) audio = new AudioContext();
    if (audio.state === "suspended") audio.resume();
    audio.onstatechange = state;
    state();
  }
  ["pointerdown", "keydown"].forEach(function (kind) { document.addEventListener(kind, wake, true); });

  // Two tones that rise, so many times, so far apart in seconds.
  function ring(times, apart, volume) {
    wake();
    if (!audio || silent || audio.state !== "running") return; // tones would pile up and sound at once later
    for (var i = 0; i < times; i++) {
      [660, 880].forEach(function (pitch, n) {
        var tone = audio.createOscillator(), gain = audio.createGain(), at = audio.currentTime + i * apart + n * 0.16;
        tone.frequency.value = pitch;
        gain.gain.setValueAtTime(0, at);
        gain.gain.linearRampToValueAtTime(volume, at + 0.02);
        gain.gain.exponentialRampToValueAtTime(0.001, at + 0.15);
        tone.connect(gain).connect(audio.destination);
        tone.start(at);
        tone.stop(at + 0.16);
      });
    }
  }

  // Whether it sounds is each counsellor's choice, in each browser.
  function state() {
    if (!button || !window.AudioContext) return;
    button.hidden = false;
    button.textContent = silent ? button.dataset.silent : audio && audio.state === "running" ? button.dataset.sounds : button.dataset.blocked;
  }
  if (button) button.addEventListener("click", function () {
    if (silent || !unheard) silent = !silent; // else the press has made it sound at all
    try { localStorage.setItem("desk-silent", silent ? "yes" : "no"); } catch (e) { /* it is so until the page is loaded anew */ }
    state();
    ring(1, 0, 0.3);
  });
  state();

  // A notification holds neutral words only. One of the same kind takes the place of the last, and is noticed all the same.
  function notify(words, kind, stays) {
    if (!window.Notification || Notification.permission !== "granted") return;
    try { new Notification(words, { tag: "desk-" + kind, renotify: true, requireInteraction: !!stays }); } catch (e) { /* some phones allow none from a page */ }
  }

  return {
    ring: ring,
    notify: notify,
    loud: function (words, kind) { ring(4, 0.6, 0.5); notify(words, kind, true); }
  };
})();
