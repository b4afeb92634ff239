// The account menu closes on Escape, and when the focus leaves it.
const closeMenu = () => document.querySelector("details.account-menu[open]")?.removeAttribute("open");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (document.activeElement?.closest("details.account-menu[open]")) {
    document.querySelector("details.account-menu summary").focus();
  }
  closeMenu();
});
for (const name of ["focusin", "click"]) {
  document.addEventListener(name, (event) => {
    if (!event.target.closest("details.account-menu")) closeMenu();
  });
}
