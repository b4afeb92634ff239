// What script adds to the pages. Nobody needs it to read, write or save.

// A slash puts the cursor in the search field, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  const isWriting = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector(".search [type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

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

// The contents follow what is read: the last section whose heading has passed the upper part of the window.
const entries = [...document.querySelectorAll(".contents a")].map((link) => [link, document.getElementById(link.hash.slice(1))]);
if (entries.length) {
  const follow = () => {
    const passed = entries.filter(([, heading]) => heading?.getBoundingClientRect().top < innerHeight / 4);
    const [current] = passed.at(-1) ?? entries[0];
    for (const [link] of entries) link === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  };
  new IntersectionObserver(follow, { rootMargin: "0px 0px -75% 0px" }).observe(document.body);
  addEventListener("scroll", () => requestAnimationFrame(follow), { passive: true });
  follow();
}

// What needs script is there with it: print, copy a citation, and copy a section or a key point with its source.
const read = document.querySelector(".read[data-said]");
const COPY = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M7 7h9v9H7zM13 7V4H4v9h3"/></svg>`;
const NOTE = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 3h12v9l-4.5 5H4zM11.5 17v-5H16M7 6.5h6M7 10h4"/></svg>`;
const DONE = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m4 10.5 4 4 8-9"/></svg>`;
if (read) {
  for (const tool of read.querySelectorAll("[data-needs-script]")) tool.hidden = false;
  for (const tools of read.querySelectorAll(".section-tools")) {
    const name = tools.parentElement.querySelector("h2").textContent;
    tools.insertAdjacentHTML("beforeend", `<button type="button" data-copy="section"><span class="unseen"></span>${COPY}</button>`);
    tools.lastElementChild.firstElementChild.textContent = `Copy “${name}” with its citation`;
  }
  for (const here of document.getElementById("annotation-add") ? read.querySelectorAll(".section-head + .here") : []) {
    const tools = here.previousElementSibling.querySelector(".section-tools");
    tools.insertAdjacentHTML("afterbegin", `<button type="button" data-annotate><span class="unseen"></span>${NOTE}</button>`);
    tools.firstElementChild.firstElementChild.textContent = `Add an annotation on “${here.dataset.path.split("\n").at(-1)}”`;
    tools.firstElementChild.addEventListener("click", () => {
      const adding = document.getElementById("annotation-add");
      adding.querySelector("details.add").open = true;
      adding.querySelector("details.more").open = true;
      adding.querySelector("[name=heading]").value = here.dataset.path;
      adding.querySelector("textarea").focus();
    });
  }
  for (const point of read.querySelectorAll(".key-points > ul > li")) {
    point.insertAdjacentHTML("beforeend", ` <button type="button" class="copy-point" data-copy="point"><span class="unseen">Copy this key point with its citation</span>${COPY}</button>`);
  }
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  read.append(said);
  read.addEventListener("click", async (event) => {
    const tool = event.target.closest("[data-copy], .here-link, [data-print]");
    if (!tool) return;
    if (tool.dataset.print !== undefined) {
      document.documentElement.classList.toggle("without-notes", tool.dataset.print === "without-notes");
      return print();
    }
    const text = tool.dataset.copy ? COPIED[tool.dataset.copy](tool) : new URL(tool.hash, location).href;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      said.textContent = "Not copied: the browser does not allow it.";
      return;
    }
    said.textContent = "Copied";
    const icon = tool.querySelector(".icon");
    const before = icon?.outerHTML;
    if (icon) icon.outerHTML = DONE;
    tool.classList.add("done");
    setTimeout(() => {
      said.textContent = "";
      tool.classList.remove("done");
      if (before) tool.querySelector(".icon").outerHTML = before;
    }, 2000);
  });
}
const COPIED = {
  citation: () => cited(""),
  section(tool) {
    const head = tool.closest(".section-head");
    const heading = head.querySelector("h2");
    const parts = [];
    for (let next = head.nextElementSibling; next && !next.matches(".section-head, .references, .team"); next = next.nextElementSibling) {
      if (!next.matches(".here")) parts.push(plain(next));
    }
    return `${plain(heading)}\n\n${parts.join("\n\n")}\n\n${cited(plain(heading), heading.id)}`;
  },
  point: (tool) => `${plain(tool.closest("li"))}\n\n${cited("In brief", "h-in-brief")}`,
};

/* Returns what is read in an element, without what can be pressed beside it; cells are parted by tabs. */
function plain(element) {
  const copy = element.cloneNode(true);
  for (const tool of copy.querySelectorAll("[data-copy], .here, .unseen")) tool.remove();
  for (const row of copy.querySelectorAll("tr")) row.replaceChildren([...row.cells].map((cell) => cell.textContent.trim()).join("\t"), "\n");
  for (const item of copy.querySelectorAll("li")) item.prepend("\n- ");
  for (const block of copy.querySelectorAll("p, ul, ol, h3, h4")) block.append("\n");
  return copy.textContent.replaceAll("\u2060", "").replace(/[ \t]*\n\s*/g, "\n").trim();
}

/* Returns where a text is from: page, section, version, date and review, and the address of that version. */
function cited(section, id = "") {
  const { title, said, address } = read.dataset;
  return `${title}. ${section && `Section “${section}”. `}${said.trim()}.\n${address}${id && `#${id}`}`;
}

// A link in a reference's card leads into the page: the card closes.
document.addEventListener("click", (event) => event.target.closest?.(".card a[href^='#']")?.closest(".card").hidePopover());

// A kept text is copied by one press.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.parentElement.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copies);
    const said = button.form.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied";
    } catch {
      field.select();
      said.textContent = "Press Ctrl+C or Cmd+C to copy the selected text";
    }
  });
}

// The summary of a form's errors gets the focus, and each link in it leads to its field.
document.querySelector("[data-error-summary]")?.focus();
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  (field.labels?.[0] ?? field).scrollIntoView();
  field.focus({ preventScroll: true });
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

// The account menu closes on Escape, and when the focus leaves it.
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

// Signing in with a passkey uses a form of its own: add the choice to stay signed in to it.
document.addEventListener("formdata", (event) => {
  if (event.target.id === "mfa_login" && document.querySelector("[name=remember]")?.checked) {
    event.formData.set("remember", "on");
  }
});

// A button shows a password. It is hidden again before the form is sent, so that no browser remembers it as text.
for (const field of document.querySelectorAll("main input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.innerHTML = `${shown ? "Hide" : "Show"}<span class="unseen"> password</span>`;
  };
  const place = document.createElement("div");
  place.className = "password";
  const isFocused = document.activeElement === field;
  field.replaceWith(place);
  place.append(field, button);
  if (isFocused) field.focus();
  button.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false));
  show(false);
}

// A table that is too wide for its place: on a phone each row becomes a card, where a cell has its column's name above
// it. Elsewhere the table scrolls, and only then it takes the focus.
const phone = matchMedia("(max-width: 47.99rem)");
const widths = new WeakMap();
const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
const fitted = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (widths.get(target) !== contentRect.width) fit(target);
    widths.set(target, contentRect.width);
  }
});
for (const place of document.querySelectorAll(".table-scroll")) fitted.observe(place);

function fit(place) {
  place.classList.remove("cards");
  const isWide = place.scrollWidth > place.clientWidth;
  const isCards = isWide && phone.matches && nameColumns(place.firstElementChild);
  place.classList.toggle("cards", isCards);
  const scrolls = { tabindex: "0", role: "group", "aria-label": "Table, scrolls sideways" };
  for (const [name, value] of Object.entries(scrolls)) {
    isWide && !isCards ? place.setAttribute(name, value) : place.removeAttribute(name);
  }
}

/* Gives each cell its column's name, and says what it is, because a card is a table only to those who cannot see it.
   Returns whether that can be done: not where cells are joined, or where there is no row of headings. */
function nameColumns(table) {
  if (!table.tHead || table.querySelector("[colspan], [rowspan], table")) return false;
  const names = [...table.tHead.rows[0].cells].map((cell) => {
    const name = cell.cloneNode(true);
    for (const apart of name.querySelectorAll("sup[id], del:has(+ ins), .comparison-said, .change-tag")) apart.remove();
    return name.textContent.replace("\u2060", "").trim();
  });
  for (const each of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) {
    each.setAttribute("role", roles[each.tagName] ?? (each.scope === "row" ? "rowheader" : "columnheader"));
  }
  for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
    [...row.cells].forEach((cell, place) => { if (names[place]) cell.dataset.column = names[place]; });
  }
  return true;
}

// A picture that does not load shows its description.
for (const picture of document.querySelectorAll(".guidance img")) {
  picture.decode().catch(() => picture.replaceWith(picture.alt));
}
