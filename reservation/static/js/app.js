// Small comforts for every page; each page works without them.
// Busy state and double-submit guard · focus to the error summary · menus that close.

/** The pressed button says what happens, and a second press of the same form does nothing. */
function guardSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (!button) return;
  button.dataset.label = button.innerHTML;
  button.setAttribute("aria-busy", "true");
  button.textContent = button.dataset.busyWords || document.body.dataset.busyWords;
}

/** A page that comes back from the browser's memory must be usable again. */
function releaseForms() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy][data-label]")) {
      button.removeAttribute("aria-busy");
      button.innerHTML = button.dataset.label;
    }
  }
}

/** Menus close by a click elsewhere and by Escape, which gives the focus back. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

function closeByEscape(event) {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
  event.preventDefault();
}

document.addEventListener("submit", guardSubmit);
window.addEventListener("pageshow", (event) => event.persisted && releaseForms());
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", closeByEscape);
document.getElementById("error-summary")?.focus();
