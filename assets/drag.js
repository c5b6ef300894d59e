/* Drag and drop of events by mouse, pen and touch (long press). A drop opens the ordinary form, filled in: nothing
   changes without its button. Keyboards and pages without scripts have the form. */
const MOVE_PX = 6; // a mouse that moves less clicks
const PRESS_MS = 450; // a finger that moves before scrolls
const EDGE_PX = 56, SCROLL_PX = 14;
const STEP_MINUTES = 15;
const DAYS_BEFORE = 3, DAYS_SHOWN = 14;

const SOURCES = ".shift[hx-get], .event:has(a[id^=reschedule-], a[id^=schedule-]), .month .badges a.b";
const CELLS = ".roster tbody td, .lanes [data-employee] .lane, .drag-days > *, .month td:has(> a.day)";
const SIGNS = { free: "✓", warned: "▲", refused: "✕" };

const $ = (sel, root = document) => root.querySelector(sel);
const all = (sel, root = document) => [...root.querySelectorAll(sel)];
const on = (type, act, options) => document.addEventListener(type, act, options);

let waiting = null; // a press that may become a drag
let drag = null;

/* The element as it stands on the page now, which others change meanwhile. A badge has no id. */
const current = (el) => el.isConnected ? el : document.getElementById(el.id) ?? all(".badges a.b").find((one) => one.href === el.href);

/* What is dragged: the form that a drop opens, the event, its place now. */
function read(el) {
  const link = el.matches(".event") ? $("a[id^=reschedule-], a[id^=schedule-]", el) : el;
  const url = new URL(link.getAttribute("hx-get") ?? link.href, location);
  const badge = el.matches(".b");
  const id = badge ? null : url.pathname.split("/")[2];
  const who = $(".who a", el)?.pathname.split("/")[2];
  return { el, url, id, badge, seen: el.dataset.seen, from: { employee: who && decodeURIComponent(who), date: $(".day-page")?.dataset.live, ...place(el.closest(CELLS), el.getBoundingClientRect().left) } };
}

/* Person, day and time of a cell; `x` is where the event would begin. */
function place(cell, x) {
  if (!cell) return null;
  const row = cell.closest("[data-employee]"), employee = row?.dataset.employee;
  const name = row && $("th a, .who a", row).firstChild.textContent;
  if (cell.matches("td") && row) {
    return { cell, employee, name, date: cell.closest("table").tHead.rows[0].cells[cell.cellIndex].dataset.date };
  }
  if (cell.matches(".lane")) {
    const { date, first, last } = cell.closest(".lanes").dataset, box = cell.getBoundingClientRect();
    const minutes = first * 60 + (x - box.left) / box.width * (last - first) * 60;
    const step = Math.min(Math.max(Math.round(minutes / STEP_MINUTES) * STEP_MINUTES, 0), 24 * 60 - STEP_MINUTES);
    return { cell, employee, name, date, minutes: step };
  }
  return { cell, date: cell.dataset.date ?? $("a.day", cell)?.dataset.date };
}
const two = (number) => String(Math.trunc(number)).padStart(2, "0");
const clock = (minutes) => `${two(minutes / 60)}:${two(minutes % 60)}`;
const said = (date) => new Date(date + "T12:00").toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" });

/* The press. On a phone presses go through badges, because a tap opens the day: a finger takes the nearest. */
function source({ target, pointerType, clientX, clientY }) {
  const el = target.closest?.(SOURCES), day = target.closest?.(".month td");
  if (el || !day || pointerType !== "touch") return el;
  const away = (badge) => {
    const { left, right, top, bottom } = badge.getBoundingClientRect();
    return Math.hypot(clientX - (left + right) / 2, clientY - (top + bottom) / 2);
  };
  return all(".badges a.b", day).sort((one, other) => away(one) - away(other))[0];
}
on("pointerdown", (e) => {
  const el = source(e);
  if (!el || !e.isPrimary || e.button || drag || $("dialog")?.open) return;
  if (el.matches(".event") && !e.target.closest(".time, .name")) return; // the rest is text to select
  waiting = { el, target: e.target, x: e.clientX, y: e.clientY, touch: e.pointerType === "touch" };
  if (waiting.touch) waiting.timer = setTimeout(begin, PRESS_MS);
});
function stopWaiting() {
  clearTimeout(waiting?.timer);
  waiting = null;
}

function begin() {
  const { target, x, y, touch } = waiting, el = current(waiting.el);
  stopWaiting();
  if (!el) return;
  target.addEventListener("touchmove", hold, { passive: false }); // also once it is replaced
  const box = el.getBoundingClientRect(), ghost = document.createElement("div");
  ghost.className = "ghost";
  drag = { ...read(el), touch, ghost, left: el.matches(".block") ? x - box.left : 0 };
  $("main").append(ghost);
  document.body.classList.add("dragging");
  getSelection().removeAllRanges();
  if ($(".day-page") && el.matches(".event")) showDays();
  ask(drag);
  move(x, y);
}

/* A day has no other days to drop on: a strip shows the two weeks around it. */
function showDays() {
  const strip = document.createElement("div"), day = new Date(drag.from.date + "T12:00Z");
  strip.className = "drag-days";
  day.setUTCDate(day.getUTCDate() - DAYS_BEFORE);
  for (let n = 0; n < DAYS_SHOWN; n++) {
    const cell = document.createElement("div");
    cell.dataset.date = day.toISOString().slice(0, 10);
    cell.textContent = said(cell.dataset.date);
    strip.append(cell);
    day.setUTCDate(day.getUTCDate() + 1);
  }
  $("main").append(strip);
  drag.strip = strip;
}

async function ask(now) {
  const days = all(CELLS).map((cell) => place(cell, 0).date).filter(Boolean).sort();
  if (now.badge || !days.length) return;
  const query = new URLSearchParams({ first: days[0], last: days.at(-1) });
  if (now.strip && now.from.employee) query.set("employee", now.from.employee);
  const answer = await fetch(`/events/${now.id}/fits?${query}`).catch(() => null);
  if (!answer?.ok) return;
  now.fits = await answer.json();
  if (drag === now) mark();
}
/* Of the person of a cell, of the one who has the event, or of anyone. */
function fit({ employee = drag.from.employee, date }) {
  return (employee ? drag.fits?.people[employee] : drag.fits?.anyone)?.[date];
}
function mark() {
  for (const cell of all(CELLS)) {
    const found = fit(place(cell, 0));
    if (found) cell.dataset.fit = found.level;
  }
}

/* The move. */
function move(x, y) {
  const { ghost } = drag;
  ghost.style.translate = `${Math.min(x + 12, innerWidth - ghost.offsetWidth - 8)}px ${y + 14}px`;
  const cell = document.elementFromPoint(x, y)?.closest(CELLS), to = place(cell, x - drag.left);
  unmark();
  current(drag.el)?.classList.add("dragged");
  drag.to = to && !isSame(to) ? to : null;
  if (drag.to) cell.classList.add("drop", ...keepsTime(to) ? [] : ["other-time"]);
  if (drag.fits && cell && !cell.dataset.fit) mark(); // swapped meanwhile
  ghost.textContent = words(drag.to);
  if (y < EDGE_PX) scrollBy(0, -SCROLL_PX);
  if (y > innerHeight - EDGE_PX && !drag.strip) scrollBy(0, SCROLL_PX);
}
/* Within a step the time is the same, so that a drop can change the person alone. */
const keepsTime = (to) => to.minutes === undefined || Math.abs(to.minutes - drag.from.minutes) < STEP_MINUTES;
function isSame(to) {
  const { from } = drag;
  return to.date === from.date && (to.employee ?? from.employee) === from.employee && (!from.cell || keepsTime(to));
}
function words(to) {
  const what = drag.badge ? drag.el.textContent : drag.el.querySelector(".name, span:not(.vh)")?.textContent ?? drag.el.title;
  if (!to) return what;
  const found = keepsTime(to) && fit(to);
  return found ? `${SIGNS[found.level]} ${where(to)}${found.why ? ": " + found.why : ""}` : where(to);
}
const where = (to) => `${to.name ? to.name + ", " : ""}${said(to.date)}${keepsTime(to) ? "" : `, ${clock(to.minutes)}`}`;
on("pointermove", (e) => {
  if (waiting && Math.hypot(e.clientX - waiting.x, e.clientY - waiting.y) > MOVE_PX) {
    if (waiting.touch) stopWaiting(); else begin();
  }
  if (drag) move(e.clientX, e.clientY);
});

/* The drop. */
function address({ url, badge, from, seen, to }) {
  const at = new URL(url), set = (name, value) => value && at.searchParams.set(name, value);
  if (badge) {
    const { pathname, searchParams } = url;
    const query = new URLSearchParams({ date: pathname.split("/").pop(), type: searchParams.get("type"), to: to.date, page: location.pathname + location.search });
    return "/events/move?" + query;
  }
  set("seen", seen);
  if (to.employee && to.employee !== from.employee) set("employee", to.employee);
  const time = keepsTime(to) ? null : clock(to.minutes);
  if (to.date === from.date && !time) at.pathname = at.pathname.replace(/\/reschedule$/, "/employee");
  else {
    set("date", to.date);
    set("time", time);
  }
  return at.pathname + at.search;
}
function unmark() {
  $(".drop")?.classList.remove("drop", "other-time");
}
function end() {
  const { ghost, strip } = drag;
  drag = null;
  ghost.remove();
  strip?.remove();
  for (const el of all(".dragged")) el.classList.remove("dragged");
  document.body.classList.remove("dragging");
  unmark();
  for (const cell of all("[data-fit]")) delete cell.dataset.fit;
}
on("pointerup", (e) => {
  stopWaiting();
  if (!drag) return;
  const meant = drag.to;
  move(e.clientX, e.clientY);
  if (meant && !meant.cell.isConnected) drag.to = meant; // replaced meanwhile: the place that was shown
  const { to, el } = drag, url = to && address(drag);
  end();
  // The press ends in a click, which is not meant.
  const stop = (click) => { click.preventDefault(); click.stopImmediatePropagation(); };
  addEventListener("click", stop, { capture: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true }), 50);
  if (url) htmx.ajax("GET", url, { source: current(el) ?? $("main"), target: "#dialog" });
});
function cancel() {
  stopWaiting();
  if (drag) end();
}
on("pointercancel", cancel);
addEventListener("blur", cancel);
on("keydown", (e) => {
  if (e.key !== "Escape" || !drag) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  cancel();
}, { capture: true });
// The browser's own drag of links, scroll by finger and menu of a long press.
on("dragstart", (e) => { if (waiting || drag || e.target.closest?.(SOURCES)) e.preventDefault(); });
function hold(e) { if (drag) e.preventDefault(); }
on("touchmove", hold, { passive: false });
on("contextmenu", (e) => { if (drag || waiting?.touch) e.preventDefault(); });
