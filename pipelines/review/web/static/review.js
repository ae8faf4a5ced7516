// Keys of the record page, and focus after a page was swapped in. Whoever types in a field types letters.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const main = document.querySelector("main[data-keys]");
  const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (!main) return;
  if (field) {
    if (event.key === "Escape") field.blur();
    return;
  }
  const target = main.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("textarea, input")) target.focus();
  else if (target.matches("[data-cycle]")) cycle(main);
  else target.click();
});

// The next candidate is the one that the answer speaks of.
function cycle(main) {
  const radios = [...main.querySelectorAll("input[name=place]")];
  if (!radios.length) return;
  const at = radios.findIndex((radio) => radio.checked);
  const next = radios[(at + 1) % radios.length];
  next.checked = true;
  next.focus();
}

// A swapped page is read from its heading on, by screen readers and keyboards alike.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target !== document.body) return;
  const heading = document.querySelector("h1");
  if (heading) heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});

// A refused form is a page too: htmx would show nothing of it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400 && event.detail.xhr.getResponseHeader("content-type")?.startsWith("text/html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
