/* The writing page: what we add to Django's form for drafts, which also works without script.

   It previews the page beside the text, helps with headings and citations, goes to the line of a problem, and warns
   before unsaved text is lost. It keeps unsaved text in this tab, under the ids of the person and the draft, until the
   server has saved it, so that nothing is lost when a session ends. Reasons: docs/decisions/0014-writing-page-script.md
   and 0016-draft-text-in-the-tab.md. */

"use strict";

const desk = document.getElementById("desk");
if (desk && desk.closest("form").elements.body) {
  const form = desk.closest("form");
  const body = form.elements.body;
  const fields = [...form.querySelectorAll("input[type=text][name], textarea[name]")];
  const told = makeStatus();

  keepTyped();
  warnBeforeLeaving();
  saveByKeyboard();
  addHelpers();
  leadToLines();
  showPreview();

  function make(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function textOf(value) {
    return value.replace(/\r\n?/g, "\n").replace(/[\u00ad\u200b]/g, "").trim();  // as the server saves it
  }

  /* Whether `served` is the text that the server made of `typed`: it gives links between pages that have no text the
     page's title. */
  function isMadeFrom(served, typed) {
    const [first, ...parts] = textOf(typed).split(/(?<=\[)(?=\]\([ \t]*<?\/pages\/)/);
    let rest = textOf(served);
    if (!rest.startsWith(first)) return false;
    rest = rest.slice(first.length);
    for (const part of parts) {
      const title = rest.indexOf(part);
      if (title < 0) return false;
      rest = rest.slice(title + part.length);
    }
    return !rest;
  }

  function typed() {
    return Object.fromEntries(fields.map((field) => [field.name, field.value]));
  }

  function isAsServed(text) {
    return fields.every((field) => textOf(field.defaultValue) === textOf(text[field.name] ?? ""));
  }

  function isUnsaved() {
    return desk.dataset.refused === "true" || !isAsServed(typed());
  }

  /* Adds a line below the text with the cursor's line number and messages. Returns the element for the messages. */
  function makeStatus() {
    const line = make("span", { className: "desk-line" });
    const said = make("span", { role: "status" });
    const keys = make("span", { className: "desk-keys", textContent: "Ctrl+S saves" });
    body.after(make("p", { className: "desk-status" }, line, said, keys));
    const showLine = () => {
      line.textContent = `Line ${body.value.slice(0, body.selectionStart).split("\n").length}`;
    };
    for (const name of ["selectionchange", "keyup", "click", "focus", "input"]) body.addEventListener(name, showLine);
    showLine();
    return said;
  }

  /* Keeps unsaved text in sessionStorage until the form is served with the same text, which means that it was saved.
     Offers to restore text that an earlier visit left there. */
  function keepTyped() {
    const person = `typed:${desk.dataset.person}:`;
    const fresh = `${person}new-${desk.dataset.page}:`;
    const own = desk.dataset.draft ? `${person}draft-${desk.dataset.draft}:` : fresh;
    const slot = own + Date.now();
    let isSignedOut = false;
    const keep = () => {
      if (isSignedOut) return;
      if (!isUnsaved()) return sessionStorage.removeItem(slot);
      const { shown_revision: revision, began_from: began } = form.elements;
      const kept = { at: Date.now(), text: typed(), revision: revision?.value, began: began?.value };
      try {
        sessionStorage.setItem(slot, JSON.stringify(kept));
      } catch {
        told.textContent = "This browser cannot keep what you type. Save often.";
      }
    };
    for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(person)).sort()) {
      const kept = JSON.parse(sessionStorage.getItem(key));
      const isSaved = fields.every((field) => isMadeFrom(field.defaultValue, kept.text[field.name] ?? ""));
      if (isSaved) sessionStorage.removeItem(key);
      else if (key.startsWith(own) || key.startsWith(fresh)) offer(key, kept, keep);
    }
    if (isUnsaved()) keep();
    let waiting;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(keep, 200);
    });
    form.addEventListener("submit", keep);
    addEventListener("pagehide", keep);
    document.addEventListener("signed-out", () => {  // from now on the server keeps it
      isSignedOut = true;
      sessionStorage.removeItem(slot);
    });
  }

  /* Offers to restore or discard the text that this tab has under `key`; it is never put back without asking. */
  function offer(key, kept, keep) {
    const at = new Date(kept.at);
    const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const isToday = at.toDateString() === new Date().toDateString();
    const day = isToday ? "" : ` on ${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}`;
    const restore = make("button", { type: "button", textContent: `Restore the text you typed at ${time}${day}` });
    const discard = make("button", { type: "button", textContent: "Discard it" });
    const note = make(
      "section",
      { className: "desk-offer", ariaLabel: "Unsaved text" },
      make("p", { textContent: `What you typed here at ${time}${day} was not saved. The saved text is below.` }),
      make("p", { className: "desk-choices" }, restore, discard),
    );
    const decide = () => {
      sessionStorage.removeItem(key);
      note.remove();
      body.focus();
    };
    discard.addEventListener("click", decide);
    restore.addEventListener("click", () => {
      for (const field of fields) field.value = kept.text[field.name] ?? field.value;
      // Save from the revision it was typed at: if someone has saved since, the server says so and shows both texts.
      if (kept.revision && form.elements.shown_revision) form.elements.shown_revision.value = kept.revision;
      if (kept.began && form.elements.began_from) form.elements.began_from.value = kept.began;
      keep();
      decide();
      body.dispatchEvent(new Event("input", { bubbles: true }));
    });
    desk.before(note);
  }

  function warnBeforeLeaving() {
    let isSending = false;
    form.addEventListener("input", () => { isSending = false; });
    form.addEventListener("submit", (event) => { isSending = event.submitter?.formTarget !== "_blank"; });
    document.addEventListener("signed-out", () => { isSending = true; });
    addEventListener("beforeunload", (event) => {
      if (!isSending && isUnsaved()) event.preventDefault();
    });
  }

  function saveByKeyboard() {
    const save = form.elements._save;
    save.setAttribute("aria-keyshortcuts", "Control+S Meta+S");
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      // Not without a change: a save takes a draft back from review.
      if (desk.dataset.draft && !isUnsaved()) told.textContent = "Nothing to save: nothing has changed.";
      else form.requestSubmit(save);
    });
  }

  /* Headings and citations. Inserted as if typed, so that each can be undone. */

  function insert(text, start, end = start) {
    body.focus();
    body.setSelectionRange(start, end);
    if (document.execCommand("insertText", false, text)) return;
    body.setRangeText(text, start, end, "end");
    body.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function makeHeading(marks) {
    const start = body.value.lastIndexOf("\n", body.selectionStart - 1) + 1;
    const before = body.value.slice(start).match(/^#*[ \t]*/)[0];
    const cursor = Math.max(body.selectionStart - start - before.length, 0);
    insert(`${marks} `, start, start + before.length);
    const position = start + marks.length + 1 + cursor;
    body.setSelectionRange(position, position);
  }

  function references() {
    return [...body.value.matchAll(/^[ \t>]*\[\^([^\]\n]+)\]:[ \t]*(.*)$/gm)];
  }

  function citeNew() {
    let number = 1;
    while (body.value.includes(`[^ref-${number}]`)) number += 1;
    insert(`[^ref-${number}]`, body.selectionEnd);
    const end = body.value.trimEnd();
    const isAfterReference = /^[ \t>]*\[\^[^\]]+\]:/.test(end.slice(end.lastIndexOf("\n") + 1));
    insert(`${isAfterReference ? "\n" : "\n\n"}[^ref-${number}]: `, end.length, body.value.length);
    goTo(body.value.length);
    told.textContent = "Type the reference here.";
  }

  function addHelpers() {
    const button = (textContent, act) => {
      const made = make("button", { type: "button", textContent });
      made.addEventListener("click", act);
      return made;
    };
    const list = make("div", { id: "desk-references", className: "desk-references", hidden: true });
    const cite = button("Cite", () => {
      if (list.hidden && references().length) open();
      else if (list.hidden) citeNew();
      else close();
    });
    const close = () => {
      list.hidden = true;
      cite.setAttribute("aria-expanded", "false");
    };
    const open = () => {
      const choose = (act) => () => { close(); act(); };
      list.replaceChildren(
        button("New reference", choose(citeNew)),
        ...references().map(([, key, text]) =>
          button(`[^${key}] ${text}`, choose(() => insert(`[^${key}]`, body.selectionEnd)))),
      );
      list.hidden = false;
      cite.setAttribute("aria-expanded", "true");
      list.firstChild.focus();
    };
    cite.setAttribute("aria-expanded", "false");
    cite.setAttribute("aria-controls", list.id);
    const helpers = make(
      "div",
      { className: "desk-helpers", role: "group", ariaLabel: "Help with writing" },
      button("Heading", () => makeHeading("##")),
      button("Sub-heading", () => makeHeading("###")),
      cite,
      list,
    );
    helpers.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || list.hidden) return;
      close();
      cite.focus();
    });
    document.addEventListener("click", (event) => { if (!helpers.contains(event.target)) close(); });
    body.before(helpers);
  }

  /* Puts the cursor at a position and scrolls its line into view. A text area cannot say where a line is, so we
     measure a copy of the text above it. */
  function goTo(position) {
    body.focus();
    body.setSelectionRange(position, position);
    const above = make("div", { className: "desk-measure", textContent: `${body.value.slice(0, position)}.` });
    const { font, padding, letterSpacing, tabSize } = getComputedStyle(body);
    Object.assign(above.style, { font, padding, letterSpacing, tabSize, width: `${body.clientWidth}px` });
    body.after(above);
    body.scrollTop = above.offsetHeight - body.clientHeight / 2;
    above.remove();
    body.scrollIntoView({ block: "nearest" });
  }

  function leadToLines() {
    linkLines(form);
    document.addEventListener("click", (event) => {
      const line = event.target.closest("button[data-line]")?.dataset.line;
      if (line) goTo(body.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0));
    });
  }

  /* Turns the line numbers of problems into buttons that go to the line. */
  function linkLines(place) {
    for (const line of place.querySelectorAll("span[data-line]")) {
      const button = make("button", { type: "button", textContent: line.textContent });
      button.dataset.line = line.dataset.line;
      line.replaceWith(button);
    }
  }

  /* On wide screens, shows the page as readers would see it beside the text: the server's own preview, in a frame that
     runs no script. */
  function showPreview() {
    const wide = matchMedia("(min-width: 1200px)");
    const problems = make("div");
    const frame = make("iframe", { title: "The page as readers will see it" });
    frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
    const failed = make("p", { className: "desk-failed", role: "status" });
    const pane = make(
      "aside",
      { className: "desk-preview", ariaLabel: "Preview" },
      make("h2", { textContent: "Preview" }),
      failed,
      problems,
      frame,
    );
    frame.addEventListener("load", () => frame.contentDocument.addEventListener("click", follow));
    form.after(pane);
    form.parentElement.classList.add("has-preview");

    let waiting;
    let asked = new AbortController();
    const refresh = async () => {
      if (!wide.matches) return;
      asked.abort();
      asked = new AbortController();
      try {
        const typedNow = new URLSearchParams(new FormData(form));
        typedNow.delete("seal");  // or each state of the text would be kept for its owner once the session has ended
        const { signal } = asked;
        const answer = await fetch(form.elements._preview.formAction, { method: "POST", body: typedNow, signal });
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        show(new DOMParser().parseFromString(await answer.text(), "text/html"));
        failed.textContent = "";
      } catch (error) {
        if (error.name === "AbortError") return;
        failed.textContent =
          "The preview has stopped: you are offline or signed out. You can keep writing: this tab keeps what you type.";
      }
    };
    const show = (page) => {
      const found = page.querySelector(".problems");
      problems.replaceChildren(...(found ? [found] : []));
      linkLines(problems);
      for (const part of page.querySelectorAll("script, body > :not(main), .preview-note")) part.remove();
      for (const link of page.querySelectorAll("a:not([href^='#'])")) link.target = "_blank";
      const shown = frame.contentDocument?.querySelector("main");
      if (shown) shown.replaceWith(page.querySelector("main"));  // in place, so that it does not scroll
      else {
        page.documentElement.className = "beside";
        frame.srcdoc = `<!doctype html>${page.documentElement.outerHTML}`;
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(refresh, 600);
    });
    wide.addEventListener("change", refresh);
    refresh();
  }

  /* Scrolls to a link's target inside the preview: its frame has no address of its own. */
  function follow(event) {
    const address = event.target.closest("a[href^='#']")?.getAttribute("href");
    if (!address) return;
    event.preventDefault();
    event.currentTarget.getElementById(decodeURIComponent(address.slice(1)))?.scrollIntoView();
  }
}
