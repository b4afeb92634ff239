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

// What needs script is there with it: print, copy a citation, and copy a section or a key point with its source.
const read = document.querySelector(".read[data-said]");
const COPY = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M7 7h9v9H7zM13 7V4H4v9h3"/></svg>`;
const DONE = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m4 10.5 4 4 8-9"/></svg>`;
if (read) {
  for (const tool of read.querySelectorAll("[data-needs-script]")) tool.hidden = false;
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
