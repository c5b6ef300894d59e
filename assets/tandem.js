/* What HTML and htmx leave to do. Every page works without it. */
const $ = (sel, root = document) => root.querySelector(sel);
const all = (sel, root = document) => [...root.querySelectorAll(sel)];
const byId = (id) => id && document.getElementById(id);
const on = document.addEventListener.bind(document);
const dialog = () => byId("dialog");
const active = () => document.activeElement;
const get = (key) => { try { return localStorage["tandem." + key]; } catch { } };
const put = (key, value) => { try { localStorage["tandem." + key] = value; } catch { } };

const say = (words) => { byId("announcer").textContent = words; };

// Focus goes to the first that is visible, never to the body.
const seen = (el) => el?.getClientRects?.().length;
const adrift = () => active() === document.body;
const focusFirst = (...these) => [...these, $("h1"), byId("main")].find(seen)?.focus();

// An element after a swap: itself or its like.
function placeOf(el) {
  const [card, group] = [el.closest(".event")?.id, el.closest(".group")?.id];
  return () => [el, byId(el.id), byId(card), group && $("summary", byId(group))];
}

// Content swapped into #dialog opens it, an empty swap closes it.
const FIELDS = "input:not([type=hidden]), select, textarea";
const STOPS = "a[href], button, summary, " + FIELDS;
let opener, isStep = false;

function openDialog(from = active()) {
  const box = dialog();
  if (!box.matches(":modal")) {
    opener = placeOf(from);
    box.removeAttribute("open");
    box.showModal();
    // A step of the history, so that Back closes it and stays on the page.
    history.scrollRestoration = "manual";
    history.pushState({}, "");
    isStep = true;
  }
  const first = ["[autofocus]", ".summary", "[aria-invalid=true]", FIELDS, "footer a", STOPS];
  focusFirst(...first.map((sel) => $(sel, box)));
}
on("htmx:afterSwap", (e) => {
  if (e.target !== dialog()) return;
  if (e.target.childElementCount) openDialog(e.detail.requestConfig?.elt);
  else e.target.close();
});
on("close", (e) => {
  if (e.target !== dialog()) return;
  e.target.replaceChildren();
  if (opener) focusFirst(...opener());
  if (isStep) history.back();
}, true);
addEventListener("popstate", (e) => {
  if (!isStep) return;
  isStep = false;
  history.scrollRestoration = "auto";
  e.stopImmediatePropagation(); // or htmx loads the page
  dialog().close();
});

// Tab cycles inside, both ways.
function trapTab(e) {
  const stops = all(STOPS, dialog()).filter((el) => seen(el) && el.tabIndex >= 0 && !el.disabled);
  const [from, to] = e.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  const at = active();
  if (to && (at === from || at === dialog() || !dialog().contains(at))) {
    e.preventDefault();
    to.focus();
  }
}

// A press on the backdrop closes.
let pressed = null;
on("pointerdown", (e) => { pressed = e.target; });
on("click", (e) => {
  const box = dialog(), near = (sel) => e.target.closest(sel);
  if ((e.target === box && pressed === box) || near("#dialog [data-close]")) {
    e.preventDefault();
    box.close();
  }
  if (near("[data-print]")) {
    e.preventDefault();
    print();
  }
  const copy = near("[data-copy]");
  if (copy) {
    const field = byId(copy.dataset.copy), done = () => { say(copy.textContent = "Copied"); };
    field.select();
    if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done);
    else if (document.execCommand("copy")) done();
  }
  const dismiss = near("[data-dismiss]");
  if (dismiss) {
    e.preventDefault();
    dismiss.closest(".toast, .note").remove();
    if (adrift()) focusFirst();
  }
  // Remember what a person clicks, not what the page sets.
  const group = near("summary")?.parentElement;
  if (group?.dataset.group) setTimeout(() => put("group." + group.dataset.group, group.open ? "open" : "closed"));
});

// HX-Trigger: the change is made.
on("tandem:done", ({ detail }) => setTimeout(async () => { // after the swaps
  opener = typed = null;
  dialog()?.close();
  if (detail.refresh) await refresh();
  const group = byId(detail.fallback);
  focusFirst(byId(detail.focus), group && $("summary", group), group);
}));

// Month keys; arrows cross its edge.
const STEP = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const LETTER = { t: "#today-link", "?": "#help-link", "/": ".find-link" };
const TURN = { PageUp: "prev", PageDown: "next" };
const press = (sel) => { const el = $(sel); el?.click(); return el; };
const turn = (rel) => press(`.toolbar [rel=${rel}]`);
let wanted;
function land() {
  const day = wanted && $(`a.day[data-date="${wanted}"]`);
  if (day) { day.focus(); wanted = null; }
  return day;
}
function dayKey(key, day) {
  const end = { Home: 0, End: -1 }[key];
  if (end !== undefined) return focusFirst(all("a.day", day.closest("tr")).at(end)) || true;
  if (!STEP[key]) return false;
  const to = new Date(day.dataset.date);
  to.setUTCDate(to.getUTCDate() + STEP[key]);
  wanted = to.toISOString().slice(0, 10);
  return land() || turn(STEP[key] < 0 ? "prev" : "next");
}
function pageKey(key) {
  const field = key === "/" && all("[type=search]").find(seen);
  if (!field) return LETTER[key] && press(LETTER[key]);
  field.focus();
  field.select();
  if (!field.value) htmx.trigger(field, "open");
  return field;
}
// Results of a search: arrow keys lead through them and back, Escape puts them away.
function resultKey({ key, target }) {
  const box = target.closest(".find, .search-page"), field = $("[type=search]", box ?? document);
  if (key === "Enter" && target === field && $("#quick > #found")?.dataset.question === field.value.trim()) return press("#quick > #found a");
  if (!box || !["ArrowDown", "ArrowUp", "Escape"].includes(key)) return false;
  if (key === "Escape") {
    const quick = box.matches(".find") && byId("quick");
    if (!quick) return field.focus() || field !== target;
    if (!quick.childElementCount) field.value = "";
    quick.replaceChildren(); // or the browser empties the field, which searches
    return field.focus() || field;
  }
  const stops = [field, ...all("#found a", box)];
  const to = stops[stops.indexOf(target) + (key === "ArrowDown" ? 1 : -1)];
  to?.focus();
  return to;
}
on("keydown", (e) => {
  const picker = e.key === "Escape" && $(".picker[open] summary");
  if (picker) return picker.click(), picker.focus();
  if (resultKey(e)) return e.preventDefault();
  if ((e.ctrlKey || e.metaKey) && e.key === "k" && !dialog()?.open && pageKey("/")) return e.preventDefault();
  if (dialog()?.open) return e.key === "Tab" && trapTab(e);
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.target.closest(FIELDS)) return;
  const day = e.target.closest("a.day");
  const used = (get("keys") !== "off" && pageKey(e.key)) // WCAG 2.1.4
    || (TURN[e.key] && turn(TURN[e.key]))
    || (day && dayKey(e.key, day));
  if (used) e.preventDefault();
});
on("change", ({ target: box }) => {
  if (box.matches("[data-keys]")) put("keys", box.checked ? "on" : "off");
  if (box.matches("[data-all]")) for (const one of all(`[name=${box.dataset.all}]`, box.form)) one.checked = box.checked;
});

// After a swap: say the title, keep a focus.
let title = $("h1")?.textContent;
on("htmx:afterSettle", () => {
  const now = $("h1")?.textContent;
  if (now !== title) say(now);
  title = now;
  land();
  if (adrift() && !dialog()?.open) focusFirst();
});

// A list that follows others keeps what was chosen.
let chosen = [];
on("htmx:beforeSwap", ({ target, detail }) => {
  // htmx sends two events for each removed element.
  if (detail.shouldSwap && target.matches("#month, #roster")) $("tbody", target)?.replaceChildren();
  chosen = target.matches("[data-quiet]") ? all("select", target).map((list) => [list.id, list.value]) : [];
});
on("htmx:afterSwap", () => {
  const found = $("#found > [data-say]");
  if (active().matches("[type=search]") && found) say(found.textContent);
  for (const [id, value] of chosen) if ($(`#${id} [value="${value}"]`)) byId(id).value = value;
});

// No second submit; disabling would drop the focus.
let slow;
function progress(yes) {
  clearTimeout(slow);
  document.body.classList.toggle("busy", yes);
}
function busy(form, yes) {
  form.toggleAttribute("data-busy", yes);
  for (const b of all("button:not([type=button])", form)) b.setAttribute("aria-disabled", yes);
}
on("submit", (e) => {
  if (e.target.method !== "post") return;
  if (e.target.hasAttribute("data-busy")) {
    e.preventDefault();
    e.stopImmediatePropagation();
  } else {
    busy(e.target, true);
    if (e.target.dataset.wait) slow = setTimeout(waiting, 300, e.target);
  }
}, true);
// What takes long, until the page is there.
function waiting(form) {
  progress(true);
  say($(".waits", form).textContent = form.dataset.wait);
}
addEventListener("pageshow", () => {
  progress(false);
  setTimeout(listen);
  for (const form of all("form[data-busy]")) busy(form, false);
  for (const words of all(".waits")) words.textContent = "";
});

// A progress line above 300 ms.
let running = 0;
on("htmx:beforeSend", ({ detail: { elt, xhr } }) => {
  if (!elt.closest("[data-quiet]") && !running++) slow = setTimeout(progress, 300, true);
  xhr.addEventListener("loadend", () => {
    if (elt.matches("form")) busy(elt, false);
    if (!elt.closest("[data-quiet]") && !--running) progress(false);
  });
});

// A lost connection: Retry sends again what was typed. Behind a dialog the page is inert.
function failed({ detail: { requestConfig: { elt, triggeringEvent } } }) {
  if (elt.closest("[data-quiet]")) return;
  $(".lost")?.remove();
  const foot = dialog()?.open && $("footer", dialog());
  const box = byId("lost").content.firstElementChild.cloneNode(true);
  box.className += foot ? " note bad" : " toast";
  $("button", box).onclick = () => {
    const by = triggeringEvent?.submitter;
    (by || elt).focus();
    box.remove();
    if (elt.matches("form")) elt.requestSubmit(by); else elt.click();
  };
  if (foot) foot.before(box); else byId("messages").append(box);
}
for (const type of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) on(type, failed);

// Live: a worker tells which days changed. Pieces that read differently are swapped, never a dialog.
// `data-live`: days or a month, as their days begin.
const PIECES = ".month td:not(.out), #legend, #filtered, #shared, #facts, #overnight, .group, #total, .roster tr[id], .roster tfoot tr, #open, .lanes > *, #short-work";
const live = () => $("[data-live]");
const page = document.body.dataset;
let worker, due, typed;

function renew(was, now) {
  const is = now.matches("td, .roster tr, #open, .lanes > *, #short-work") ? "innerHTML" : "textContent";
  if (!was || was[is] === now[is]) return false;
  const at = was.contains(active()) && placeOf(active());
  const mark = (el, old) => el.classList.toggle("fresh", old?.textContent !== el.textContent);
  for (const card of all(".event, .shift", now)) mark(card, byId(card.id));
  if (now.matches("td")) mark(now, was);
  now.open = was.open;
  was.replaceWith(now);
  htmx.process(now);
  if (at) [...at(), $("a.day", now), now].find(seen)?.focus({ preventScroll: true });
  return true;
}
async function refresh(by) {
  due = null;
  if ($("[data-busy]")) return soon(); // a submit goes first
  const page = live();
  const answer = await fetch(location, { headers: { "HX-Request": "true" } }).catch(() => null);
  const fresh = answer?.ok && $("[data-live]", new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (!fresh || page !== live() || +fresh.dataset.version < page.dataset.version) return;
  page.dataset.version = fresh.dataset.version;
  const like = (now) => byId(now.id) || $(`a[data-date="${$("a.day", now)?.dataset.date}"]`)?.parentElement;
  const pieces = all(PIECES, fresh), known = pieces.map(like);
  // A row came or went: all of them are swapped.
  const whole = pieces.some((now, at) => !known[at] && now.matches("[id]")) || pieces.length !== all(PIECES, page).length;
  const swapped = whole ? [renew(page, fresh)] : pieces.filter((now, at) => renew(known[at], now));
  if (swapped.length && by) say(`${title} was changed by ${by}`);
}
// The numbers of the header
function count(name, number, words = "") {
  const at = byId(name + "-count");
  if (at) at.innerHTML = number ? ` <span class="pill">${number}<span class="vh">${words}</span></span>` : "";
}
const soon = () => { due ??= setTimeout(refresh, 200 + Math.random() * 300, "someone else"); };

// The date has turned: the page is read again, unless a form is being filled in.
on("input", ({ target }) => {
  if (byId("main").contains(target) && !typed?.isConnected) typed = target.form ?? target;
});
async function turnDate(today) {
  if (typed?.isConnected || dialog()?.open || $("[data-busy]")) return;
  page.today = today;
  const at = placeOf(active());
  await htmx.ajax("GET", location.href, { source: byId("main"), target: "#main" });
  focusFirst(...at());
}
function heard({ data: { version, days, today, unscheduled, issues } }) {
  const shown = live()?.dataset;
  count("unscheduled", unscheduled);
  count("issues", issues, " to fix");
  if (today !== page.today && !$(".narrow")) turnDate(today);
  else if (shown && version > shown.version && (days?.some((day) => shown.live.split(" ").some((one) => day.startsWith(one))) ?? true)) soon();
}
// The worker starts after the first paint.
function listen() {
  if (!worker && page.changes && !document.hidden) {
    worker = window.SharedWorker ? new SharedWorker(page.changes).port : new Worker(page.changes);
    worker.onmessage = heard;
  }
  worker?.postMessage(!document.hidden);
}
on("visibilitychange", listen);
addEventListener("pagehide", () => worker?.postMessage(false));

function apply() { // at start and after swaps
  for (const group of all("[data-group]")) {
    group.open = { open: true, closed: false }[get("group." + group.dataset.group)] ?? group.open;
  }
  for (const box of all("[data-keys]")) box.checked = get("keys") !== "off";
  for (const box of all("[data-all], [data-copy]")) box.hidden = false;
}
on("htmx:load", apply);
// A form on a page of its own is sent as without scripts.
for (const el of all(".narrow [hx-target='#dialog']")) for (const name of ["hx-post", "hx-get"]) el.removeAttribute(name);
apply();
if (dialog()?.childElementCount) openDialog();
