// Puts a button where this script stands; the questions load when it is pressed.
(function () {
  "use strict";
  var here = document.currentScript, names = "$NAMES", frames = "$FRAMES", lang = here.getAttribute("data-lang"), from = here.getAttribute("data-from");
  if (!names[lang]) lang = Object.keys(names)[0];
  var button = document.createElement("button");
  button.type = "button";
  button.textContent = names[lang];
  here.parentNode.insertBefore(button, here);
  button.addEventListener("click", function () {
    var frame = document.createElement("iframe");
    frame.src = (frames.indexOf(location.origin) >= 0 ? "$ORIGIN/in/" : "$ORIGIN/f/") + lang + "/" + (/^[\w-]{1,64}$/.test(from) ? "?from=" + from : "");
    frame.title = names[lang];
    frame.width = "100%";
    frame.height = "640";
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.setAttribute("sandbox", "allow-forms allow-scripts allow-same-origin allow-top-navigation");
    button.replaceWith(frame);
  });
})();
