// Deadlines: moves bar and words of every [data-countdown]. Counts from the seconds the server gave,
// never from the device's clock, which may be wrong. Two minutes before the end: is-soon, said once.

const SOON = 120;

function inWords({ leftWords, hoursWords }, minutes) {
  if (minutes < 60) return leftWords.replace("{n}", minutes);
  return hoursWords.replace("{h}", Math.floor(minutes / 60)).replace("{n}", minutes % 60);
}

class Deadline {
  constructor(element) {
    this.element = element;
    this.left = Number(element.dataset.left);
    this.start = performance.now();
    this.said = this.left <= SOON;
  }

  secondsLeft() {
    return Math.max(0, this.left - (performance.now() - this.start) / 1000);
  }

  show() {
    const left = this.secondsLeft();
    const bar = this.element.querySelector("progress");
    if (bar) bar.value = Math.min(left, bar.max);
    for (const words of this.element.querySelectorAll("[data-left-words]")) {
      const text = left > 0 ? inWords(words.dataset, Math.ceil(left / 60)) : words.dataset.overWords;
      if (words.textContent !== text) words.textContent = text;
    }
    this.element.classList.toggle("is-soon", left <= SOON);
    this.element.classList.toggle("is-over", left === 0);
    if (left <= SOON && left > 0 && !this.said) this.warn();
    if (left === 0) this.element.dispatchEvent(new CustomEvent("deadline", { bubbles: true }));
    return left > 0;
  }

  warn() {
    this.said = true;
    for (const words of this.element.querySelectorAll("[data-soon-words]")) words.textContent = words.dataset.soonWords;
  }
}

/** Starts every deadline below `root`; live pages call it again for what they put in (window event "content"). */
function startDeadlines(root) {
  for (const element of root.querySelectorAll("[data-countdown]:not([data-running])")) {
    element.dataset.running = "yes";
    const deadline = new Deadline(element);
    const tick = () => element.isConnected && deadline.show() && setTimeout(tick, 1000);
    tick();
  }
}

startDeadlines(document);
document.addEventListener("content", (event) => startDeadlines(event.target));
