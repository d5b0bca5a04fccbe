// In a preview the page is loaded again when staff have saved another draft of the files. The talk stays at its step.
(function () {
  "use strict";
  var shown = document.body.dataset.draft;
  new EventSource("/preview").onmessage = function (e) {
    if (e.data !== shown) window.location.reload();
  };
})();
