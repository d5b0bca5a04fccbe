// What must be noticed by somebody who does not look: sounds, made here without a file, and notifications. Browsers allow a sound once the
// page was touched.
window.call = (function () {
  "use strict";
  var audio = null;
  function wake() {
    if (!window.AudioContext) return;
    if (!audio) audio = new AudioContext();
    if (audio.state === "suspended") audio.resume();
  }
  ["pointerdown", "keydown"].forEach(function (kind) { document.addEventListener(kind, wake, true); });

  // Two tones that rise, so many times, so far apart in seconds.
  function ring(times, apart, volume) {
    wake();
    if (!audio) return;
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
