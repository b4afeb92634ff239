// If a passkey is not used, say why beside its button.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const places = [...document.querySelectorAll("[data-passkey-failure]")];
  const fitting = places.find((place) => place.dataset.passkeyFailure === event.detail.exception.name) ?? places[0];
  for (const place of places) place.hidden = place !== fitting;
});
