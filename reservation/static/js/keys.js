// Keys of the staff screens. Single letters act only while no field has focus, are listed under ?,
// and can be switched off (WCAG 2.1.4). Every key presses something that stands on the page.

const list = document.getElementById("keys");
const on = list?.dataset.singleKeys !== "off";

function isTyping(target) {
  return target.closest("input:not([type=hidden]), select, textarea, [contenteditable]") !== null;
}

/** The decision that has the focus, else the first one. */
function task() {
  return document.activeElement.closest(".task") ?? document.querySelector(".task");
}

/** Focus the next or previous decision, on its first button or link. */
function step(direction) {
  const tasks = [...document.querySelectorAll(".task")];
  if (!tasks.length) return;
  const at = tasks.indexOf(document.activeElement.closest(".task"));
  const next = tasks[Math.min(tasks.length - 1, Math.max(0, at + direction))];
  (next.querySelector(".task-do button, .task-do a, .task-do summary") ?? next).focus();
}

/** Open the reasons of the decision; Tab leads on to them from there. */
function reasons() {
  const menu = task()?.querySelector(".task-do summary");
  menu?.click();
  menu?.focus();
}

/** What a letter presses: in the decision first, then in the child's card, the page, the tabs. */
function find(key) {
  const wanted = `[data-key="${CSS.escape(key)}"]`;
  for (const place of [task(), document.querySelector(".card"), document.querySelector("main"), document]) {
    const found = place?.querySelector(wanted);
    if (found) return found;
  }
  return null;
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (!on || document.querySelector("dialog[open]") || isTyping(event.target)) return;
  if (event.key === "Escape" && document.querySelector("details.menu[open]")) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "?") list?.showModal();
  else if (event.key === "n") reasons();
  else {
    const found = find(event.key);
    if (!found) return;
    if (found.matches("input, select, textarea")) found.focus();
    else found.click();
  }
  event.preventDefault();
}

document.addEventListener("keydown", press);
