/* How long a person stays signed in, on a computer that others use too.

   An open page warns before its session ends; typing counts as activity. When the session has ended, here or in another
   tab, the page takes everything private off the screen and hands unsaved text to the server, which keeps it for the
   person whose page this is. Only the server says how long is left. Reasons: docs/decisions/0015-unsaved-text.md and
   0036-idle-time.md. */

{
  const dialog = document.getElementById("session");
  if (dialog) keepWatch(dialog, new BroadcastChannel("session"));

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
    document.addEventListener("session-ended", end);  // the server says so in an answer to htmx
    document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status === 403) ask(); });
    document.addEventListener("input", () => { if (Date.now() - notedAt >= notedEvery) ask("POST"); });
    stay.addEventListener("click", () => ask("POST"));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      ask("POST");
    });
    document.addEventListener("submit", handOverThenSignOut);

    /* The session lasts until `time`: show a hidden page again, and close the warning if it is no longer due. */
    function lastUntil(time) {
      endsAt = time;
      document.body.hidden = false;
      if (dialog.open && endsAt - Date.now() > warning) dialog.close();
    }

    /* Asks the server how long is left. A POST also tells it that the person is active. */
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
        if (answer.status === 403) answer = await fetch(leftAddress, { cache: "no-store" });  // someone signed in since
        if (!answer.ok) throw new Error(answer.status);
        const said = await answer.json();
        failed.hidden = true;
        if (String(said.person) !== person) return end();
        // If the person signed in again in another tab, they can save here too.
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

    /* Checks the time left: every second, and at once when a sleeping computer wakes. */
    async function look() {
      if (isOver) return;
      const left = endsAt - Date.now();
      if (left <= 0) document.body.hidden = true;  // until the server has answered
      if (left <= 0 || (left <= warning && !dialog.open)) await ask();
      if (isOver || isAsking || endsAt - Date.now() > warning) return;
      const minutes = Math.ceil((endsAt - Date.now()) / 60_000);
      const words = minutes > 1 ? `in ${minutes} minutes` : "in less than a minute";
      if (title.textContent !== words) title.textContent = words;
      if (!dialog.open && !document.body.hidden) dialog.showModal();
    }

    /* Returns name, label and text of every field with unsaved text, in any form that is sent by POST, and where to. */
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
          form: sentTo(field.form),
        }));
    }

    function sentTo(form) {
      const { pathname, search } = new URL(form.getAttribute("action") || location.href, location.href);
      return pathname + search;
    }

    /* Hands unsaved text to the server. Throws if the server does not answer or has an error of its own. */
    async function handOver(texts) {
      if (!texts.length) return;
      const body = JSON.stringify({ seal, address: location.pathname + location.search, texts });
      const answer = await fetch(keepAddress, { method: "POST", body, keepalive: body.length < 20_000 });
      if (answer.status >= 500) throw new Error(answer.status);  // any other refusal is final: the account is gone
    }

    /* Clears the page, tries every 5 seconds until unsaved text is handed over, then asks the server for the page. */
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

    /* When the person signs out, hands over unsaved text first. */
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
