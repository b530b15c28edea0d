// Sends the forms of acts, and finds out what became of them. When the line or the server breaks, nobody knows
// whether the act was done: the page says so and sends the same form again until the answer is definite. Its key
// lets the act happen once, however often it is sent. Forms without a key, and those with a file, are sent by the browser,
// as without script.

/** One form with what was in it when it was sent. */
class Sending {
  static AGAIN = 2000; // between two tries, half a second more or less
  static ANSWER = 10000; // a try without an answer for so long is given up
  static PATIENCE = 60000; // then the reader decides
  static LEAVING = 3000; // who is still here then has only opened a telephone number or a file
  static UNKNOWN = new Set([502, 503, 504]);

  constructor(form, button) {
    const fields = [...new FormData(form)].map(([name, text]) => [name, text.replace(/\r\n|\r|\n/g, "\r\n")]);
    if (button?.name) fields.push([button.name, button.value]);
    this.fields = fields;
    this.address = new URL(form.getAttribute("action") || location.href, document.baseURI);
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("beforeunload", () => (this.leftAt = performance.now()));
  }

  /** Send until the answer is definite, at most a minute. */
  async send() {
    this.isOver = false;
    const end = performance.now() + Sending.PATIENCE;
    for (;;) {
      const answer = await this.ask();
      if (this.isOver) return;
      if (answer) return this.follow(answer, performance.now() - this.leftAt < Sending.LEAVING);
      this.show(performance.now() >= end);
      if (performance.now() >= end) return;
      await new Promise((go) => setTimeout(go, Sending.AGAIN + (Math.random() - 0.5) * 1000));
    }
  }

  /** The answer, or null where none came or a proxy or the server says that it cannot tell. */
  async ask() {
    try {
      const answer = await fetch(this.address, {
        method: "POST", body: new URLSearchParams(this.fields), headers: { "X-Sent-By-Script": "1" },
        keepalive: this.isShort, redirect: "manual", signal: AbortSignal.timeout(Sending.ANSWER),
      });
      return Sending.UNKNOWN.has(answer.status) ? null : answer;
    } catch {
      return null;
    }
  }

  /** Whether a browser finishes sending it after the page has gone; longer ones it would refuse to send at all. */
  get isShort() {
    return new Blob([new URLSearchParams(this.fields)]).size < 60000;
  }

  /** Go where the answer leads, unless the reader has tapped on meanwhile and is on the way to another page. One that is a page (mistakes in the form) is asked for by the browser itself. */
  async follow(answer, isLeaving) {
    if (isLeaving) await new Promise((go) => setTimeout(go, Sending.LEAVING));
    if (this.isOver) return;
    const target = answer.headers.get("X-Leads-To");
    if (!target) return this.sendByBrowser();
    const url = new URL(target, this.address);
    if (!url.hash || url.href.split("#")[0] !== location.href.split("#")[0]) return location.assign(url);
    // Only the end of the address differs: going there would load nothing.
    history.replaceState(history.state, "", url);
    history.scrollRestoration = "manual";
    return location.reload();
  }

  sendByBrowser() {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: this.address, hidden: true });
    for (const [name, value] of this.fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    HTMLFormElement.prototype.submit.call(form);
  }

  /** Say that nobody knows yet; after the last try, with the button. */
  show(isLast) {
    this.dialog ??= this.makeDialog();
    if (!this.dialog.open) {
      this.dialog.showModal();
      this.dialog.querySelector("h2").focus();
    }
    this.dialog.querySelector("[data-asked]").textContent = timeOfServer();
    this.dialog.querySelector("[data-asking]").hidden = isLast;
    this.dialog.querySelector("[data-over]").hidden = !isLast;
    const again = this.dialog.querySelector("[data-again]");
    again.hidden = !isLast;
    if (isLast) again.focus();
  }

  makeDialog() {
    document.body.append(document.getElementById("unknown-answer").content.cloneNode(true));
    const dialog = document.body.lastElementChild;
    // Closing it would leave the page as if nothing had been sent.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.querySelector("[data-again]").addEventListener("click", () => {
      this.showAsking();
      this.send();
    });
    return dialog;
  }

  showAsking() {
    this.show(false);
    this.dialog.querySelector("h2").focus();
  }

  close() {
    this.isOver = true;
    this.dialog?.remove();
    this.dialog = null;
  }
}

/** The server's time, 6:58:12: its word with the page and what has passed since, since a phone's clock may be wrong. */
function timeOfServer() {
  const told = new Date(document.getElementById("unknown-answer").dataset.now).getTime();
  const parts = { hour: "numeric", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: "Asia/Tokyo" };
  return new Date(told + performance.now()).toLocaleTimeString("ja-JP", parts);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.querySelector("input[name=key]") || form.enctype === "multipart/form-data") return;
  event.preventDefault();
  new Sending(form, event.submitter).send();
});
window.addEventListener("load", () => setTimeout(() => (history.scrollRestoration = "auto")));
