// What the pages do beyond HTML: nothing here is needed to read, write or save.

// Adding an annotation: the caret is where one writes.
document.addEventListener("toggle", (event) => {
  const place = event.target;
  if (place.open && place.matches("details.add")) place.querySelector("textarea").focus();
}, true);

// Editing one: the caret is at its end.
document.addEventListener("htmx:afterSettle", (event) => {
  const text = event.target.querySelector?.("textarea[autofocus]");
  if (text) text.setSelectionRange(text.value.length, text.value.length);
});

// A save that did not arrive says so; the next that does takes that back.
const failure = () => document.querySelector("[data-failure]");
const say = (failed) => { if (failure()) failure().hidden = !failed; };
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => say(true));
}
document.addEventListener("htmx:beforeRequest", () => say(false));

// The account menu closes with Escape, and when the focus leaves it.
const closeMenu = () => document.querySelector("details.account-menu[open]")?.removeAttribute("open");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (document.activeElement?.closest("details.account-menu[open]")) {
    document.querySelector("details.account-menu summary").focus();
  }
  closeMenu();
});
for (const name of ["focusin", "click"]) {
  document.addEventListener(name, (event) => {
    if (!event.target.closest("details.account-menu")) closeMenu();
  });
}
