// Suggestions below the search field, as a combobox: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
// Without script, or if an answer does not come, the form works by itself. site.js loads this when the field is used.

const PAUSE = 120;  // milliseconds without a key before the site is asked
const ICONS = {
  page: `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M5 3h6.5L15 6.5V17H5zM11.5 3v3.5H15M7.5 10h5M7.5 13h5"/></svg>`,
  section: `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 5h12M4 10h12M4 15h7"/></svg>`,
};

const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = document.querySelector("form[data-suggest]").dataset.sheet;
await new Promise((loaded) => {
  sheet.onload = sheet.onerror = loaded;
  document.head.append(sheet);
});

for (const [place, form] of document.querySelectorAll("form[data-suggest]").entries()) {
  const field = form.querySelector("[type=search]");
  const list = document.createElement("ul");
  const said = document.createElement("p");
  let chosen = -1, asked = "", isWaiting = false, timer;

  list.id = `suggestions-${place}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  said.className = "unseen";
  said.setAttribute("role", "status");
  form.append(list, said);
  field.setAttribute("aria-controls", list.id);

  const close = () => {
    isWaiting = false;
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const choose = (row) => {
    chosen = row;
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === row)));
    const option = list.children[row];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  };
  const marked = (name) => {  // the words that were typed, as far as they are, in bold
    const typed = (field.value.match(/[\p{L}\p{N}]+/gu) ?? []).sort((one, other) => other.length - one.length);
    if (!typed.length) return [name];
    return name.split(new RegExp(`(?<![\\p{L}\\p{N}])(${typed.join("|")})`, "iu")).map((part, number) => {
      if (number % 2 === 0) return part;
      const bold = document.createElement("b");
      bold.textContent = part;
      return bold;
    });
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map(({ kind, title, line, address }, number) => {
      const option = document.createElement("li");
      option.id = `suggestion-${place}-${number}`;
      option.setAttribute("role", "option");
      option.dataset.address = address;
      const words = document.createElement("span");
      words.append(...marked(title));
      if (line) {
        const below = document.createElement("small");
        below.append(...marked(line));
        words.append(" ", below);
      }
      option.innerHTML = ICONS[kind];
      option.append(words);
      return option;
    }));
    choose(-1);
    isWaiting = false;
    list.hidden = !suggestions.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = suggestions.length ? `${suggestions.length} suggestions` : "";
  };
  const ask = async () => {
    const typed = field.value.trim();
    if (typed.length < 2) {
      asked = "";
      show([]);
      return;
    }
    if (typed === asked) return;
    asked = typed;
    isWaiting = true;
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } });
      const { suggestions } = answer.ok ? await answer.json() : { suggestions: [] };
      const isAsked = asked === typed && field.value.trim() === typed;  // a slow answer may come after other words
      if (isAsked && document.activeElement === field) show(suggestions);
    } catch {
      show([]);  // the form still works
    }
  };

  field.addEventListener("input", () => {
    choose(-1);  // what was chosen was offered for other words
    isWaiting = true;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    const number = list.children.length;
    if (event.key === "Escape" && (isWaiting || !list.hidden)) {
      event.preventDefault();
      clearTimeout(timer);
      asked = "";  // an answer that is under way is not wanted
      close();
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.address);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose((chosen + step + (chosen < 0 && step < 0 ? 1 : 0) + number) % number);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());  // the field keeps the cursor
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.address);
  });
  field.addEventListener("blur", close);
  if (field === document.activeElement && field.value !== field.defaultValue) ask();  // typed before this script came
}
