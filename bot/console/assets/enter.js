// A link's secret stands behind #, and goes from there into the form. It leaves the address line, so that nobody reads it there.
(function () {
  "use strict";
  var code = document.getElementById("code");
  if (!code) return;
  function take() {
    var secret = /^#([A-Za-z0-9_-]{43})$/.exec(location.hash);
    if (!secret) return;
    code.type = "hidden";
    code.value = secret[1];
    document.getElementById("paste").hidden = document.getElementById("without").hidden = true;
    document.getElementById("with").hidden = false;
    history.replaceState(null, "", location.pathname);
  }
  window.addEventListener("hashchange", take);
  take();
})();
