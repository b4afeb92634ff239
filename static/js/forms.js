// What script adds to the forms of accounts, of reports and of the reader's own texts.

// A kept text is copied by one press.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.parentElement.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copies);
    const said = button.closest(".actions").querySelector("[role=status]");
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
