// What is copied from a page, and how that is said. site.js loads this when something is copied for the first time.

const citation = document.getElementById("citation");
const DONE = `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m4 10.5 4 4 8-9"/></svg>`;

/* Returns the text that a tool copies: the address of its section, or a text with its source. */
export function textOf(tool) {
  return tool.dataset.copy ? COPIED[tool.dataset.copy](tool) : new URL(tool.hash, location).href;
}

/* Says in an element, and on the tool, that its text was copied. */
export function sayIn(said, tool) {
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
}

const COPIED = {
  link: () => new URL(location.pathname, location).href,
  citation: () => citation.textContent,
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

/* Returns a section's place in the citation of the version, which ends with the address, and how far it is reviewed. */
function cited(section, id) {
  return `“${section}”. In: ${citation.textContent}#${id}\n${citation.dataset.reviewed.trim()}`;
}
