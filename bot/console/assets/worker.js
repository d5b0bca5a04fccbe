// Runs while the desk's page is closed, and only when somebody is called: it shows the words that came, which name nobody.
"use strict";
self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("push", function (e) {
  var words = e.data ? e.data.text() : "Patikra";
  e.waitUntil(self.registration.showNotification(words, { tag: "desk-calls", renotify: true, requireInteraction: true }));
});
self.addEventListener("notificationclick", function (e) {
  e.notification.close();
  e.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then(function (all) {
    var page = all.filter(function (c) { return /^\/desk(\/|$)/.test(new URL(c.url).pathname); })[0];
    return page ? page.focus() : self.clients.openWindow("/desk");
  }));
});
