// The live line of a page: a stream of events, and polling when the stream is silent. Knows nothing of what is shown.
// Elements: data-topic (what to listen to) and data-fragment (address whose answer replaces what is inside) · board.js uses Line by itself.

const FIRST_WORD = 5000; // nothing after opening: poll
const SILENCE = 17000; // two ticks missing: poll
const BETWEEN_POLLS = 5000;

/** Tells `told.state(data)`, `told.time(iso)`, `told.lost()`, `told.back()`. `poll` answers {data} or {time}, or throws. */
class Line {
  constructor(topic, poll, told) {
    Object.assign(this, { topic, poll, told, polledAt: 0, isLost: false });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    window.addEventListener("pagehide", () => this.close());
    if (!document.hidden) this.open();
  }

  open() {
    this.close();
    this.patience = FIRST_WORD;
    this.heardAt = performance.now();
    this.listen();
    this.timer = setInterval(() => this.look(), 1000);
    if (this.wasOpen) this.ask();
    this.wasOpen = true;
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.again);
    if (this.stream) this.stream.close();
    this.stream = null;
  }

  listen() {
    if (!window.EventSource) return;
    const stream = new EventSource(`/live?topic=${encodeURIComponent(this.topic)}`);
    this.stream = stream;
    stream.onmessage = (event) => this.heard(() => this.told.state(JSON.parse(event.data)));
    stream.addEventListener("tick", (event) => this.heard(() => this.told.time(event.data)));
    // A refused stream (too many, restarting) is not tried again by the browser.
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) this.again = setTimeout(() => this.listen(), 10000 + Math.random() * 10000);
    };
  }

  heard(tell) {
    this.heardAt = performance.now();
    this.patience = SILENCE;
    this.found();
    tell();
  }

  look() {
    const now = performance.now();
    if (now - this.heardAt >= this.patience && now - this.polledAt >= BETWEEN_POLLS) this.ask();
  }

  async ask() {
    this.polledAt = performance.now() + Math.random() * 500;
    try {
      const answer = await this.poll();
      this.found();
      if (answer.data) this.told.state(answer.data);
      if (answer.time) this.told.time(answer.time);
    } catch {
      if (performance.now() - this.heardAt < this.patience || this.isLost) return;
      this.isLost = true;
      this.told.lost();
    }
  }

  found() {
    if (this.isLost) this.told.back();
    this.isLost = false;
  }
}

/** A poll of bytes with their ETag: {data} when they are new, else only {time}. */
function pollBytes(url) {
  let tag = "";
  return async () => {
    const answer = await fetch(url, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {}, signal: AbortSignal.timeout(8000) });
    const time = answer.headers.get("Reservation-Now");
    if (answer.status === 304) return { time };
    if (!answer.ok) throw new Error(answer.status);
    tag = answer.headers.get("ETag");
    return { data: await answer.json(), time };
  };
}

/** 22:04:12 in Tokyo, whatever the device thinks. */
function clockTime(iso, withSeconds = true) {
  const parts = { hour: "numeric", minute: "2-digit", ...(withSeconds && { second: "2-digit" }), hourCycle: "h23", timeZone: "Asia/Tokyo" };
  return new Date(iso).toLocaleTimeString("ja-JP", parts);
}

/** Shows the time of the data in every [data-time] below `root`, and that it moves by itself. */
function showTime(root, iso) {
  for (const one of root.querySelectorAll("[data-time]")) one.textContent = clockTime(iso);
  root.dataset.at = iso;
}

/** Shows or hides the notice that nothing can be heard, with the time of what is on the page. */
function showLost(root, isLost) {
  for (const notice of root.querySelectorAll("[data-lost]")) {
    for (const time of notice.querySelectorAll("[data-lost-time]")) time.textContent = root.dataset.at ? clockTime(root.dataset.at) : root.querySelector("[data-time]")?.textContent;
    notice.hidden = !isLost;
  }
}

/** A part of a staff page: its fragment is fetched again when its topic moves. Waits while somebody works inside; keeps what is open open. */
class Fragment {
  constructor(element) {
    Object.assign(this, { element, text: null, isWaiting: false, wasTold: false });
    element.addEventListener("focusout", () => setTimeout(() => this.isWaiting && this.fetch().catch(() => {})));
    this.line = new Line(element.dataset.topic, () => this.fetch(), {
      state: (state) => this.moved(state.version),
      time: (iso) => showTime(document.body, iso),
      lost: () => showLost(document.body, true),
      back: () => showLost(document.body, false),
    });
  }

  /** The first word only says whether the page is of today; every later one that something has changed, were it by the clock. */
  moved(version) {
    const isKnown = !this.wasTold && String(version) === this.element.dataset.version;
    this.wasTold = true;
    if (!isKnown) this.fetch().catch(() => {});
  }

  async fetch() {
    const answer = await fetch(this.element.dataset.fragment, { headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout(8000) });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    this.show(await answer.text());
    return { time: answer.headers.get("Reservation-Now") };
  }

  show(text) {
    this.isWaiting = this.element.contains(document.activeElement) && text !== this.text;
    if (this.isWaiting || text === this.text) return;
    const name = (one, n) => one.id || one.dataset.open || `${one.className}${n}`;
    const open = new Set([...this.element.querySelectorAll("details")].flatMap((one, n) => (one.open ? [name(one, n)] : [])));
    this.element.innerHTML = this.text = text;
    [...this.element.querySelectorAll("details")].forEach((one, n) => (one.open ||= open.has(name(one, n))));
    this.element.dispatchEvent(new CustomEvent("content", { bubbles: true }));
  }
}

for (const element of document.querySelectorAll("[data-topic][data-fragment]")) new Fragment(element);
