/* How long one stays signed in, on a computer that others use too.

   An open page warns before its session ends; typing counts as doing something. When the session has ended, here or in
   another tab, what is private leaves the screen, and what was typed and not saved is handed to the server first, which
   keeps it for the person whose page this is. The server alone says how long is left. */

"use strict";

{
  const channel = new BroadcastChannel("session");
  const dialog = document.getElementById("session");
  if (dialog) {
    keepWatch(dialog, channel);
  } else {
    channel.postMessage({ person: "" });  // a visitor's page: whoever shows a person's had better ask
    channel.close();  // open, it would keep the browser from going back at once
  }

  function keepWatch(dialog, channel) {
    const { person, seal, left: leftAddress, keep: keepAddress } = dialog.dataset;
    const warning = Number(dialog.dataset.warning) * 1000;
    const notedEvery = Number(dialog.dataset.notedEvery) * 1000;
    const [title, failed, stay] = ["h2 span", ".error", "button"].map((each) => dialog.querySelector(each));
    const signOut = dialog.querySelector("form").getAttribute("action");
    const ended = document.getElementById("session-ended").content;
    let endsAt = Date.now() + Number(dialog.dataset.seconds) * 1000;
    let notedAt = Date.now();
    let isAsking = false;
    let askNext = "";
    let isOver = false;

    setInterval(look, 1000);
    channel.postMessage({ person, endsAt });
    channel.addEventListener("message", ({ data }) => {
      if (data.person === person) lastUntil(Math.max(endsAt, data.endsAt));
      else ask();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      look();
      ask();
    });
    addEventListener("pageshow", (event) => { if (event.persisted) ask(); });
    document.addEventListener("session-ended", end);  // said by the server where htmx asked
    document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 403) ask(); });
    document.addEventListener("input", () => { if (Date.now() - notedAt >= notedEvery) ask("POST"); });
    stay.addEventListener("click", () => ask("POST"));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      ask("POST");
    });
    document.addEventListener("submit", handOverThenSignOut);

    /* The session lasts until then: the warning goes, or what was hidden comes back. */
    function lastUntil(time) {
      endsAt = time;
      document.body.hidden = false;
      if (dialog.open && endsAt - Date.now() > warning) dialog.close();
    }

    /* Asks the server how long is left; with POST it is told that somebody is here. */
    async function ask(method = "GET") {
      if (isOver) return;
      if (isAsking) {
        askNext = method;
        return;
      }
      isAsking = true;
      if (method === "POST") notedAt = Date.now();
      try {
        const headers = { "X-CSRFToken": dialog.querySelector("[name=csrfmiddlewaretoken]").value };
        let answer = await fetch(leftAddress, { method, headers, cache: "no-store" });
        if (answer.status === 403) answer = await fetch(leftAddress, { cache: "no-store" });  // others signed in since
        if (!answer.ok) throw new Error(answer.status);
        const said = await answer.json();
        failed.hidden = true;
        if (String(said.person) !== person) return end();
        // Whoever signed in anew in another tab can save here, too.
        for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = said.token;
        lastUntil(Date.now() + said.seconds * 1000);
        if (method === "POST") {
          notedAt = Date.now();
          channel.postMessage({ person, endsAt });
        }
      } catch {
        failed.hidden = method !== "POST";
        if (Date.now() >= endsAt) end();
      } finally {
        isAsking = false;
        const next = askNext;
        askNext = "";
        if (next) ask(next);
      }
    }

    /* Runs every second, and at once when a sleeping computer wakes. */
    async function look() {
      if (isOver) return;
      const left = endsAt - Date.now();
      if (left <= 0) document.body.hidden = true;  // until the server has said
      if (left <= 0 || (left <= warning && !dialog.open)) await ask();
      if (isOver || isAsking || endsAt - Date.now() > warning) return;
      const minutes = Math.ceil((endsAt - Date.now()) / 60_000);
      const words = minutes > 1 ? `in ${minutes} minutes` : "in less than a minute";
      if (title.textContent !== words) title.textContent = words;
      if (!dialog.open && !document.body.hidden) dialog.showModal();
    }

    function typed() {
      const fields = document.querySelectorAll("textarea[name], input[name]:is([type=text], [type=search], [type=email], [type=url], [type=tel], [type=number], [type=date])");
      const isUnsaved = (field) =>
        field.value !== field.defaultValue
        || field.form.querySelector("[data-refused=true], [aria-invalid=true], .errorlist, .wrong");
      return [...fields]
        .filter((field) => field.form?.method === "post" && field.autocomplete !== "one-time-code")
        .filter((field) => field.value.trim() && isUnsaved(field))
        .map((field) => ({
          name: field.name,
          label: field.labels[0]?.textContent.trim().replace(/:$/, "") || field.name,
          text: field.value,
        }));
    }

    async function handOver(texts) {
      if (!texts.length) return;
      const body = JSON.stringify({ seal, address: location.pathname + location.search, texts });
      const answer = await fetch(keepAddress, { method: "POST", body, keepalive: body.length < 20_000 });
      if (answer.status >= 500) throw new Error(answer.status);  // any other refusal is final: the account is gone
    }

    async function end() {
      if (isOver) return;
      isOver = true;
      const texts = typed();
      document.title = "Signed out";
      document.body.replaceChildren(ended.cloneNode(true));
      document.body.hidden = false;
      for (let isKept = false; !isKept;) {
        try {
          await handOver(texts);
          isKept = true;
        } catch {
          document.querySelector("[role=alert]").hidden = false;
          await new Promise((resolve) => { setTimeout(resolve, 5000); });
        }
      }
      document.dispatchEvent(new Event("signed-out"));
      location.replace(location.pathname + location.search);
    }

    /* Signing out by hand takes what is typed along, too. */
    async function handOverThenSignOut(event) {
      if (event.target.getAttribute("action") !== signOut || isOver) return;
      const texts = typed();
      if (!texts.length) return;
      event.preventDefault();
      try {
        await handOver(texts);
      } catch {
        if (!confirm("What you typed is not saved, and we cannot reach the site to keep it. Sign out anyway?")) return;
      }
      isOver = true;
      document.dispatchEvent(new Event("signed-out"));
      event.target.submit();
    }
  }
}
