// The board: marks change in place, in the order they stand in; choices are answered without leaving the page, and remembered on this device.
// The bytes are codes (docs/vacancy.md); the words for them came with the page in data-words and data-reasons.

const KEPT = "board";

const board = document.querySelector("#board[data-bytes]");
const form = document.querySelector("form[data-choices]");

/** What the bytes say about one room on one day for one row: {left, why, waiting, list}. */
function cellOf(day, index) {
  return { left: day.left[index], why: day.why[index], waiting: day.waiting, list: day.list };
}

/** The column of the profile that the page shows; -1 when the bytes do not know it. */
function columnOf(state, { sign, months, grade }) {
  const row = state.signs.indexOf(sign);
  const start = Math.max(...state.bands.map(([, g]) => g).filter((g) => g <= Number(grade)));
  let band = -1;
  state.bands.forEach(([m, g], n) => {
    if (g === start && m <= Number(months) && (band < 0 || m > state.bands[band][0])) band = n;
  });
  return row < 0 || band < 0 ? -1 : row * state.bands.length + band;
}

/** '0' no · '1' the last · '2'–'9' places · a–i after a move · A–I where staff decide. */
function readLeft(left) {
  if (left === "0") return { kind: "no", n: 0 };
  if (/[1-9]/.test(left)) return { kind: left === "1" ? "few" : "yes", word: left === "1" ? "last" : "yes", n: Number(left) };
  const isMove = left >= "a";
  return { kind: "few", word: isMove ? "move" : "staff", n: left.charCodeAt(0) - (isMove ? 96 : 64) };
}

class Board {
  constructor(root) {
    this.root = root;
    this.isFirst = true;
    this.words = JSON.parse(root.dataset.words);
    for (const how of root.querySelectorAll("[data-how]")) how.textContent = this.words.auto;
    new Line(root.dataset.topic, pollBytes(root.dataset.bytes), {
      state: (state) => this.show(state),
      time: (iso) => this.time(iso),
      lost: () => showLost(root, true),
      back: () => showLost(root, false),
    });
  }

  cards() {
    return [...this.root.querySelectorAll("[data-room]")];
  }

  time(iso) {
    this.now = iso;
    showTime(this.root, iso);
  }

  show(state) {
    this.state = state;
    const column = columnOf(state, this.root.dataset);
    const days = new Set(state.rooms.flatMap((room) => Object.keys(room.days)));
    const tabs = [...this.root.querySelectorAll("[data-tab]")];
    if (column < 0 || days.size !== tabs.length || tabs.some((tab) => !days.has(tab.dataset.tab))) return this.reload();
    const isBaseline = this.isFirst && this.root.dataset.family === "yes";
    this.isFirst = false;
    for (const card of this.cards()) {
      if (card.hasAttribute("data-fixed")) continue;
      const day = state.rooms.find((room) => room.code === card.dataset.room)?.days[this.root.dataset.day];
      if (!day) return this.reload();
      if (!this.compare(card, cellOf(day, column), isBaseline)) return this.reload();
    }
    this.count(state, column, tabs);
    return undefined;
  }

  /** Brings a card up to date; false when the page lacks words or buttons for what is so now. */
  compare(card, cell, isBaseline) {
    const before = { left: card.dataset.left, why: card.dataset.why, waiting: Number(card.dataset.waiting) };
    const isSame = before.left === cell.left && before.why === cell.why && before.waiting === cell.waiting;
    Object.assign(card.dataset, { left: cell.left, why: cell.why, waiting: cell.waiting });
    if (isSame || isBaseline) return true;
    return this.change(card, cell, before);
  }

  change(card, cell, before) {
    const { words } = this;
    const now = readLeft(cell.left);
    const reason = now.kind === "no" ? { ...words.reasons, ...JSON.parse(card.dataset.reasons) }[cell.why] : null;
    const line = (name) => card.querySelector(`[data-line=${name}]`);
    if ((now.kind === "no" && !reason) || (now.kind !== "no" && !line("hold"))) return false;
    const joins = now.kind === "no" && words.no_place.includes(cell.why) && cell.list;
    if (joins && !line("join")) return false;
    const stub = this.stub(now, reason, joins ? cell.waiting : null);
    const was = this.inWords(before, card);
    const is = this.inWords(cell, card);
    card.className = `ticket is-${now.kind} is-changed`;
    card.querySelector(".ticket-stub").innerHTML = stub + this.changed(was, is);
    const show = (name, isShown) => line(name) && (line(name).hidden = !isShown);
    show("until", now.kind !== "no");
    show("hold", now.kind !== "no");
    show("join", joins);
    show("why", now.kind === "no");
    show("call", now.kind === "no");
    show("rank", joins);
    const step = joins || !reason ? "" : words.no_place.includes(cell.why) ? words.elsewhere : reason.step;
    show("step", Boolean(step));
    if (line("step")) line("step").querySelector("[data-step]").textContent = step;
    if (reason) card.querySelector("[data-why]").textContent = reason.text;
    if (line("rank")) line("rank").innerHTML = words.rank.replace("{n}", cell.waiting + 1);
    this.say(`${card.querySelector("h3").textContent.trim()} ${is}`);
    return true;
  }

  stub(now, reason, waiting) {
    const { words } = this;
    const mark = this.root.querySelector(`template[data-mark=${now.kind}]`).innerHTML;
    const word = `<span>${reason ? reason.word : words.kinds[now.word]}</span>`;
    const left = now.kind === "no" ? "" : `<span class="left">${words.left.replace("{n}", now.n)}</span>`;
    return mark + word + left + (waiting === null ? "" : `<span class="left">${words.waiting.replace("{n}", waiting)}</span>`);
  }

  changed(was, is) {
    const time = this.words.changed.replace("{time}", clockTime(this.now || Date.now(), false));
    const fromTo = was === is ? "" : `<span class="vh">(${this.words.from_to.replace("{before}", was).replace("{after}", is)})</span>`;
    return `<span class="changed">${time}${fromTo}</span>`;
  }

  inWords(cell, card) {
    const now = readLeft(cell.left);
    if (now.kind === "no") return ({ ...this.words.reasons, ...JSON.parse(card.dataset.reasons) }[cell.why] || {}).word || "×";
    return `${this.words.kinds[now.word]} ${this.words.left.replace("{n}", now.n)}`.replace(/<[^>]+>/g, "");
  }

  /** The answer and the days' numbers follow the cards. */
  count(state, column, tabs) {
    const free = this.cards().filter((card) => !card.classList.contains("is-no")).length;
    const answer = this.root.querySelector("[data-answer]");
    if (this.cards().length && answer.innerHTML !== this.words.answers[free]) answer.innerHTML = this.words.answers[free];
    for (const one of this.root.querySelectorAll('[data-when="full"]')) one.hidden = free > 0;
    for (const tab of tabs) {
      const isHere = tab.dataset.tab === this.root.dataset.day;
      if (!isHere && this.root.dataset.family === "yes") continue;
      const n = isHere ? free : state.rooms.filter((room) => room.days[tab.dataset.tab] && room.days[tab.dataset.tab].left[column] !== "0").length;
      tab.querySelector("[data-free]").textContent = this.words.tabs[n];
    }
  }

  say(text) {
    for (const said of this.root.querySelectorAll("[data-said]")) said.textContent = text;
  }

  /** The page itself is asked again where the bytes are not enough: a new day, a new room. */
  reload() {
    if (this.pending) return;
    this.pending = setTimeout(async () => {
      await this.load(window.location.href).catch(() => {});
      setTimeout(() => (this.pending = null), 5000);
    }, Math.random() * 1500);
  }

  /** Puts the board of another address into this page, without moving the focus. */
  async load(url) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(8000) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#board[data-bytes]");
    if (!answer.ok || !fresh) throw new Error(answer.status);
    const focused = document.activeElement?.closest("[data-room]")?.dataset.room;
    for (const part of [".board-head", ".days", "[data-rooms]"]) {
      const [old, now] = [this.root.querySelector(part), fresh.querySelector(part)];
      if (old && now) old.replaceWith(document.importNode(now, true));
    }
    Object.assign(this.root.dataset, fresh.dataset);
    this.words = JSON.parse(this.root.dataset.words);
    this.isFirst = true;
    for (const how of this.root.querySelectorAll("[data-how]")) how.textContent = this.words.auto;
    if (focused) this.root.querySelector(`[data-room="${focused}"] [data-line]:not([hidden]) :is(a, button)`)?.focus();
    if (this.now) this.time(this.now);
    this.root.dispatchEvent(new CustomEvent("content", { bubbles: true }));
  }
}

/** What was chosen comes back on the next visit of this device. A diagnosis is not kept. */
function remember(choices) {
  try {
    if (choices.get("complaint") !== "diagnosed") localStorage.setItem(KEPT, JSON.stringify({ complaint: choices.get("complaint"), age: choices.get("age") }));
  } catch {
    // Storage may be forbidden; then the address alone remembers.
  }
}

function recall() {
  const asked = new URLSearchParams(window.location.search);
  if (!form || form.dataset.choices !== "keep" || asked.has("complaint") || asked.has("age")) return;
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) || "{}");
    const select = form.elements.age;
    if (!kept.complaint || (form.elements.complaint.value === kept.complaint && select?.value === kept.age)) return;
    asked.set("complaint", kept.complaint);
    if (kept.age) asked.set("age", kept.age);
    window.location.replace(`${window.location.pathname}?${asked}`);
  } catch {
    // Nothing usable was kept.
  }
}

function chosen(live) {
  const choices = new URLSearchParams(new FormData(form));
  if (form.dataset.choices === "keep") remember(choices);
  if (choices.get("complaint") !== "diagnosed") choices.delete("told");
  else if (!choices.get("told")) return;
  const url = `${form.getAttribute("action")}?${choices}`;
  if (!live) return void window.location.assign(url);
  live.load(url).then(() => window.history.replaceState(null, "", url), () => window.location.assign(url));
}

recall();
const live = board ? new Board(board) : null;
if (form) form.addEventListener("change", () => chosen(live));
if (form) form.addEventListener("submit", () => form.dataset.choices === "keep" && remember(new URLSearchParams(new FormData(form))));
