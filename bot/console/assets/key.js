// Passkeys: the device is asked, and its answer goes to the server as the server can read it.
(function () {
"use strict";
function begin() {
  var add = document.getElementById("add-key"), enter = document.getElementById("enter-key");
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  function decode(text) {
    return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), function (c) { return c.charCodeAt(0); });
  }
  function encode(buffer) {
    if (!buffer) return null;
    return btoa(String.fromCharCode.apply(null, new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function post(form, fields) {
    var data = new URLSearchParams({ form: form.elements.form.value });
    for (var name in fields) data.set(name, fields[name]);
    return fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (r) {
      if (!r.ok) throw new Error(String(r.status));
      return r.status === 204 ? null : r.json();
    });
  }
  function answered(c) {
    var out = { id: c.id, rawId: encode(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(), response: { clientDataJSON: encode(c.response.clientDataJSON) } };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (c.response[name]) out.response[name] = encode(c.response[name]);
    });
    if (c.response.getTransports) out.response.transports = c.response.getTransports();
    return JSON.stringify(out);
  }
  function asks(form, what, ask, then) {
    var button = form.querySelector("button"), told = form.querySelector("[role=status]");
    form.hidden = false;
    form.addEventListener("submit", function (e) {
      e.preventDefault();
      button.disabled = true;
      told.textContent = "";
      post(form, { do: "begin" }).then(function (begun) {
        return ask(begun.options.publicKey).then(function (c) { return post(form, { do: what, token: begun.token, answer: answered(c) }); });
      }).then(then).catch(function () { told.textContent = form.dataset.failed; }).then(function () { button.disabled = false; });
    });
  }
  if (add) asks(add, "add", function (o) {
    o.challenge = decode(o.challenge);
    o.user.id = decode(o.user.id);
    (o.excludeCredentials || []).forEach(function (c) { c.id = decode(c.id); });
    return navigator.credentials.create({ publicKey: o });
  }, function () { location.reload(); });
  if (enter) asks(enter, "enter", function (o) {
    o.challenge = decode(o.challenge);
    return navigator.credentials.get({ publicKey: o });
  }, function () { location.href = "/desk"; });
}
begin();
document.addEventListener("desk:page", begin); // pages take each other's place
})();
