// What script adds to a reader's annotations. Nobody needs it to read, write or save them.

// htmx, which changes annotations in place, comes when the reader first touches them. A press that comes before it is
// repeated when it is there. If the site has no htmx to give, the browser sends forms and follows links by itself.
{
  const panel = document.getElementById("annotations");
  const script = document.querySelector("[name=htmx-config]")?.dataset.script;
  let waits = Boolean(panel && script);
  let coming;
  for (const name of waits ? ["pointerdown", "focusin"] : []) panel.addEventListener(name, () => bring().catch(() => {}));
  for (const [name, what] of waits ? [["submit", "[data-hx-post]"], ["click", "[data-hx-get]"]] : []) {
    panel.addEventListener(name, async (event) => {
      const asking = event.target.closest(what);
      if (!waits || !asking) return;
      const pressed = event.submitter ?? asking;
      event.preventDefault();
      try {
        await bring();
      } catch {
        return asking.dispatchEvent(new CustomEvent("htmx:sendError", { bubbles: true, detail: { elt: asking } }));
      }
      pressed.click();
    });
  }

  /* Loads htmx, once. Throws if the site does not answer: the next press tries again. */
  function bring() {
    return waits ? coming ??= load() : Promise.resolve();
  }

  async function load() {
    try {
      // It begins its work when the page is complete, and never if it comes shortly before.
      if (document.readyState !== "complete") await new Promise((done) => { addEventListener("load", done, { once: true }); });
      await import(script);
    } catch {
      coming = null;
      await fetch(script, { method: "HEAD", cache: "no-store" });
    }
    waits = false;
  }
}

// Annotating a section: the form opens with its heading.
const NOTE = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 3h12v9l-4.5 5H4zM11.5 17v-5H16M7 6.5h6M7 10h4"/></svg>`;
for (const here of document.getElementById("annotation-add") ? document.querySelectorAll(".section-head + .here") : []) {
  const tools = here.previousElementSibling.querySelector(".section-tools");
  tools.insertAdjacentHTML("afterbegin", `<button type="button" data-annotate><span class="unseen"></span>${NOTE}</button>`);
  tools.firstElementChild.firstElementChild.textContent = `Annotate “${here.dataset.path.split("\n").at(-1)}”`;
  tools.firstElementChild.addEventListener("click", () => {
    const adding = document.getElementById("annotation-add");  // another, once one was added
    adding.querySelector("details.add").open = true;
    adding.querySelector("details.more").open = true;
    adding.querySelector("[name=heading]").value = here.dataset.path;
    adding.querySelector("textarea").focus();
  });
}

// Adding an annotation: put the cursor in the text.
document.addEventListener("toggle", (event) => {
  const place = event.target;
  if (!place.open || !place.matches("details.add")) return;
  forgetWhatWasSaid();
  place.querySelector("textarea").focus();
}, true);

// Editing an annotation: put the cursor at the end of its text.
document.addEventListener("htmx:afterSettle", (event) => {
  const text = event.target.querySelector?.("textarea[autofocus]");
  if (text) text.setSelectionRange(text.value.length, text.value.length);
});

// Moving an annotation: put the list into the saved order, without touching half-typed text in it.
document.addEventListener("annotations-ordered", (event) => {
  const list = document.getElementById("annotation-list");
  const button = document.activeElement;
  event.detail.order.map((id) => document.getElementById(`annotation-${id}`)).filter(Boolean).forEach((item, place) => {
    if (list.children[place] !== item) list.insertBefore(item, list.children[place]);
  });
  const item = button?.closest("#annotation-list > li");
  if (!item) return;
  const isGone = getComputedStyle(button).visibility === "hidden";  // at the top and the bottom of the list
  (isGone ? item.querySelector(`.move button:not([value="${button.value}"])`) : button).focus();
  const [place, all] = [[...list.children].indexOf(item) + 1, list.children.length];
  document.querySelector("[data-moved]").textContent = `Now number ${place} of ${all}.`;
});
document.addEventListener("keydown", (event) => {
  const step = event.altKey && { ArrowUp: "up", ArrowDown: "down" }[event.key];
  const button = step && event.target.closest("#annotation-list > li")?.querySelector(`.move [value="${step}"]`);
  if (!button) return;
  event.preventDefault();
  button.focus();
  button.click();
});

// Copies of annotations at their headings follow the list. A heading is found by its path and not its id: the page may
// be of another version than the one that the server used, where an id may mean other text.
document.addEventListener("htmx:afterSettle", () => {
  for (const copy of document.querySelectorAll(".note-here")) {
    const item = document.getElementById(copy.dataset.note);
    if (!item || !item.querySelector("form.annotation-form")) copy.remove();
  }
  for (const item of document.querySelectorAll("#annotation-list > li[data-here]")) {
    const text = item.querySelector(".line > .text");
    const here = [...document.querySelectorAll(".here")].find((place) => place.dataset.path === item.dataset.here);
    if (!text || !here) continue;
    const copy = document.createElement("div");
    copy.className = "note-here";
    copy.dataset.note = item.id;
    copy.innerHTML = `<p class="text"></p><p class="note-facts"><a href="#${item.id}">My annotation</a></p>`;
    copy.firstChild.replaceChildren(...text.cloneNode(true).childNodes);
    here.append(copy);
  }
});

// How many annotations there are; one that was just added is not hidden behind “more”.
document.addEventListener("htmx:afterSettle", () => {
  const list = document.getElementById("annotation-list");
  if (!list) return;
  const count = list.querySelectorAll(":scope > li:has(.line, form.annotation-form)").length;
  document.querySelector("#annotations-title small")?.replaceChildren(String(count));
  const all = document.getElementById("all-annotations");
  if (all && document.querySelector("#annotation-add > .said")) all.checked = true;
});

// If a request fails, say so where it was made and keep the focus there. The next request removes the message.
const failureFor = (asking) => (asking.closest("form.annotation-form") ?? document).querySelector("[data-failure]");
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const asking = event.detail.elt;
    const failure = failureFor(asking);
    if (!failure) return;
    failure.hidden = false;
    failure.scrollIntoView({ block: "nearest" });
    if (document.activeElement === document.body) asking.querySelector("button:not([hidden])")?.focus();
  });
}
document.addEventListener("htmx:beforeRequest", (event) => {
  for (const failure of document.querySelectorAll("[data-failure]")) failure.hidden = true;
  forgetWhatWasSaid();
  lock(event.detail.elt, true);
});
document.addEventListener("htmx:afterRequest", (event) => lock(event.detail.elt, false));

/* While a form is being sent, nobody can type in it, because the answer replaces it. */
function lock(form, isLocked) {
  for (const box of form.querySelectorAll("textarea")) box.readOnly = isLocked;
}

/* Removes the message about one annotation before the next one. */
function forgetWhatWasSaid() {
  for (const said of document.querySelectorAll("#annotation-add > .said, [data-moved]")) said.textContent = "";
}

// Ask before leaving a page with a half-typed annotation.
let isSending = false;
const isHalfTyped = (box) => box.value.trim() && (box.value !== box.defaultValue || box.ariaInvalid === "true");
addEventListener("beforeunload", (event) => {
  if (!isSending && [...document.querySelectorAll(".annotation-form textarea")].some(isHalfTyped)) event.preventDefault();
});
document.addEventListener("signed-out", () => { isSending = true; });
addEventListener("submit", (event) => {
  isSending ||= event.target.matches(".annotation-form") && !event.defaultPrevented;
});
