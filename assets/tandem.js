/* Tandem: what HTML and htmx leave to do. Every page works without it. */
(() => {
  "use strict";
  const $ = (sel, root = document) => root.querySelector(sel);
  const all = (sel, root = document) => [...root.querySelectorAll(sel)];
  const byId = (id) => id && document.getElementById(id);
  const on = (type, fn, capture) => document.addEventListener(type, fn, capture);
  const dialog = () => byId("dialog");
  const get = (key) => { try { return localStorage["tandem." + key]; } catch { return null; } };
  const put = (key, value) => { try { localStorage["tandem." + key] = value; } catch { } };

  // Focus goes to the first of these that is there and visible; never to the body.
  const seen = (el) => el?.getClientRects().length;
  const adrift = () => document.activeElement === document.body;
  const focusFirst = (...these) => [...these, $("h1"), byId("main")].find(seen)?.focus();

  // Dialog: content swapped into #dialog opens it, an empty swap closes it.
  const FIELDS = "input:not([type=hidden]), select, textarea";
  const STOPS = "a[href], button, summary, " + FIELDS;
  let opener;   // where focus returns: the element, or what has its id now, its card, its group

  function openDialog(from = document.activeElement) {
    const box = dialog();
    if (!box.matches(":modal")) {
      opener = [from, from.id, from.closest(".event")?.id, from.closest(".group")?.id];
      box.removeAttribute("open");
      box.showModal();
    }
    const first = ["[autofocus]", ".summary", "[aria-invalid=true]", FIELDS, "footer a", STOPS];
    first.map((sel) => $(sel, box)).find(seen)?.focus();
  }
  on("htmx:afterSwap", (e) => {
    if (e.target !== dialog()) return;
    if (e.target.childElementCount) openDialog(e.detail.requestConfig?.elt);
    else e.target.close();
  });
  on("close", (e) => {
    if (e.target !== dialog()) return;
    e.target.replaceChildren();
    if (!opener) return;
    const [el, id, card, group] = opener;
    focusFirst(el, byId(id), byId(card), $("summary", byId(group) || e.target));
  }, true);

  // Tab cycles inside, both ways.
  function trapTab(e) {
    const stops = all(STOPS, dialog()).filter((el) => seen(el) && el.tabIndex >= 0 && !el.disabled);
    const [from, to] = e.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    const at = document.activeElement;
    if (to && (at === from || at === dialog() || !dialog().contains(at))) {
      e.preventDefault();
      to.focus();
    }
  }

  // A press on the backdrop, begun there, closes.
  let pressed = null;
  on("pointerdown", (e) => { pressed = e.target; });
  on("click", (e) => {
    const box = dialog();
    if ((e.target === box && pressed === box) || e.target.closest("#dialog [data-close]")) {
      e.preventDefault();
      box.close();
    }
    const dismiss = e.target.closest("[data-dismiss]");
    if (dismiss) {
      e.preventDefault();
      dismiss.closest(".toast, .note").remove();
      if (adrift()) focusFirst();
    }
    // Groups: remember what a person clicks, not what the page sets.
    const group = e.target.closest("summary")?.parentElement;
    if (group?.dataset.group) setTimeout(() => put("group." + group.dataset.group, group.open ? "open" : "closed"));
  });

  // HX-Trigger {"tandem:done": {"focus": "event-1001", "fallback": "group-core"}}: the change is made.
  on("tandem:done", ({ detail }) => setTimeout(() => { // after the swaps
    opener = null;
    dialog()?.close();
    const group = byId(detail.fallback);
    focusFirst(byId(detail.focus), group && $("summary", group), group);
  }));

  // Month keys. An arrow over the edge turns the page and lands where it meant to.
  const STEP = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const LETTER = { t: "#today-link", "?": "#help-link" };
  const TURN = { PageUp: "prev", PageDown: "next" };
  const press = (sel) => { $(sel)?.click(); return $(sel); };
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
    if (key === "/") $("[type=search]")?.focus();
    return key === "/" ? $("[type=search]") : LETTER[key] && press(LETTER[key]);
  }
  on("keydown", (e) => {
    if (dialog()?.open) { if (e.key === "Tab") trapTab(e); return; }
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.target.closest(FIELDS)) return;
    const day = e.target.closest("a.day");
    const used = (get("keys") !== "off" && pageKey(e.key)) // can be switched off: WCAG 2.1.4
      || (TURN[e.key] && turn(TURN[e.key]))
      || (day && dayKey(e.key, day));
    if (used) e.preventDefault();
  });
  on("change", (e) => { if (e.target.matches("[data-keys]")) put("keys", e.target.checked ? "on" : "off"); });

  // After a swap: say the new title, keep a focus.
  let title = $("h1")?.textContent;
  on("htmx:afterSettle", () => {
    const now = $("h1")?.textContent;
    if (now !== title) byId("announcer").textContent = now;
    title = now;
    land();
    if (adrift() && !dialog()?.open) focusFirst();
  });

  // No second submit. Disabling would drop the focus.
  function busy(form, yes) {
    form.toggleAttribute("data-busy", yes);
    all("button:not([type=button])", form).forEach((b) => b.setAttribute("aria-disabled", yes));
  }
  on("submit", (e) => {
    if (e.target.method !== "post") return;
    if (e.target.hasAttribute("data-busy")) {
      e.preventDefault();
      e.stopImmediatePropagation();
    } else busy(e.target, true);
  }, true);
  addEventListener("pageshow", () => all("form[data-busy]").forEach((form) => busy(form, false)));

  // A progress line above 300 ms.
  let running = 0, slow;
  on("htmx:beforeSend", ({ detail: { elt, xhr } }) => {
    if (!elt.closest("[data-quiet]") && running++ === 0) slow = setTimeout(() => document.body.classList.add("busy"), 300);
    xhr.addEventListener("loadend", () => {
      if (elt.matches("form")) busy(elt, false);
      if (elt.closest("[data-quiet]") || --running) return;
      clearTimeout(slow);
      document.body.classList.remove("busy");
    });
  });

  // A lost connection: Retry sends again what was typed. Behind an open dialog the
  // page is inert, so the message goes into the dialog.
  function failed({ detail: { requestConfig: { elt, triggeringEvent } } }) {
    if (elt.closest("[data-quiet]")) return;
    all(".lost").forEach((old) => old.remove());
    const foot = dialog()?.open && $("footer", dialog());
    const box = document.createElement("div");
    box.className = "lost " + (foot ? "note bad" : "toast");
    box.setAttribute("role", "alert");
    box.innerHTML = "<p>Tandem did not answer. What you typed is still here.</p><button type=button class=btn>Retry</button>";
    $("button", box).onclick = () => {
      const by = triggeringEvent?.submitter;
      (by || elt).focus();
      box.remove();
      if (elt.matches("form")) elt.requestSubmit(by); else elt.click();
    };
    if (foot) foot.before(box); else byId("messages").append(box);
  }
  for (const type of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) on(type, failed);

  // At start and after every swap.
  function apply() {
    for (const group of all("[data-group]")) {
      const was = get("group." + group.dataset.group);
      if (was) group.open = was === "open";
    }
    for (const box of all("[data-keys]")) box.checked = get("keys") !== "off";
  }
  on("htmx:load", apply);
  apply();
  if (dialog()?.childElementCount) openDialog();
})();
