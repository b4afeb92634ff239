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

// A search field is a combobox: what shows its suggestions comes when it is used for the first time.
for (const field of document.querySelectorAll("[data-suggest] [type=search]")) {
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) field.setAttribute(name, value);
  field.addEventListener("focus", () => import(field.form.dataset.script), { once: true });
}

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

// What needs script is there with it: print, copy a citation, and copy a section or a key point with its source. What is
// copied, and how it is said, comes with copying.js when something is copied for the first time. On a wide screen the
// tools at the foot of the page are below its contents too.
const read = document.querySelector(".read[data-script]");
const COPY = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M7 7h9v9H7zM13 7V4H4v9h3"/></svg>`;
if (read) {
  for (const tool of read.querySelectorAll("[data-needs-script]")) tool.hidden = false;
  read.querySelector(".contents")?.append(read.querySelector(".page-tools").cloneNode(true));
  for (const tools of read.querySelectorAll(".section-tools")) {
    const name = tools.parentElement.querySelector("h2").textContent;
    tools.insertAdjacentHTML("beforeend", `<button type="button" data-copy="section"><span class="unseen"></span>${COPY}</button>`);
    tools.lastElementChild.firstElementChild.textContent = `Copy “${name}” with its citation`;
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
    const { print: printed } = tool.dataset;
    if (printed !== undefined) {
      document.documentElement.classList.toggle("without-notes", printed === "without-notes");
      return print();
    }
    const copying = import(read.dataset.script);
    try {
      // A browser lets a page copy only while it answers a press, so it is promised the text before we have it.
      const text = copying.then(({ textOf }) => new Blob([textOf(tool)], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
      (await copying).sayIn(said, tool);
    } catch {
      said.textContent = "Not copied. Check your connection, or select the text and copy it.";
    }
  });
}

// A link in a reference's card leads into the page: the card closes.
document.addEventListener("click", (event) => event.target.closest?.(".card a[href^='#']")?.closest(".card").hidePopover());

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
