// A passkey that was not used is no silence: what happened is said where the button is.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const places = [...document.querySelectorAll("[data-passkey-failure]")];
  const fitting = places.find((place) => place.dataset.passkeyFailure === event.detail.exception.name) ?? places[0];
  for (const place of places) place.hidden = place !== fitting;
});
