// Shows what somebody has asked to keep where there is no connection. It is there only for who has asked, and goes with them.
"use strict";
const KEPT = "kept", DAY = 24 * 60 * 60 * 1000;

function forget() {
  return Promise.all([caches.delete(KEPT), self.registration.unregister()]);
}

async function kept(path) {
  let result = await caches.match("/kept/result", { cacheName: KEPT });
  if (result && !(Date.now() - Date.parse(result.headers.get("Date")) < DAY)) { // no longer than the answers are kept
    await (await caches.open(KEPT)).delete("/kept/result");
    result = undefined;
  }
  if (path.endsWith("/check") && result) return result;
  return (await caches.match("/kept/numbers", { cacheName: KEPT })) || Response.error();
}

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url), path = url.pathname;
  if (url.origin !== self.location.origin) return;
  if (path === "/out") {
    e.waitUntil(forget()); // also while the server is away; the request itself is the browser's
    return;
  }
  if (e.request.method !== "GET") return;
  if (path.startsWith("/a/")) {
    e.respondWith(caches.match(e.request, { cacheName: KEPT }).then((r) => r || fetch(e.request)));
  } else if (e.request.mode === "navigate" && e.request.destination === "document" && !path.startsWith("/desk") && /^\/([^/]+\/(numbers|check)?)?$/.test(path)) {
    e.respondWith(fetch(e.request).catch(() => kept(path)));
  }
});
