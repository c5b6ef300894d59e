// How long Chromium takes to show a month of 1000 events, and then the next one: Tandem's page beside FullCalendar's, in
// turns, in one run. With --page roster, a week of 15 people and 250 events and then the next one, beside FullCalendar's
// month of as many. The table goes to benches/README.md.
//
//     cd benches/browser && npm ci && node run.mjs [--page roster] [--rounds 15] [--events 1000]
//
// TANDEM_BINARY names the binary (default: target/release/tandem), CHROMIUM the browser. FullCalendar is pinned in
// package-lock.json and is not shipped with anything.

import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "../..");
const BINARY = process.env.TANDEM_BINARY ?? join(ROOT, "target/release/tandem");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const START_MS_MAX = 60_000;
// Between loading and the press: a person takes longer.
const SETTLE_MS = 300;
const FOLDERS = { "/fullcalendar/": "node_modules/fullcalendar", "/temporal/": "node_modules/temporal-polyfill" };
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const VIEWPORT = { width: 1440, height: 900 };

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    events: { type: "string", default: "1000" },
    page: { type: "string", default: "month" },
    port: { type: "string", default: "8460" },
  },
});
const rounds = Number(values.rounds);
const port = Number(values.port);
const isRoster = values.page === "roster";
const PEOPLE = 15;
const WEEK_EVENTS = 250;
// The first Sundays of the weeks that are shown, one in each month.
const WEEKS = ["2025-10-26", "2025-11-02"];

function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(TANDEM|ROCKET)_/.test(name));
  return {
    ...Object.fromEntries(kept),
    TANDEM_SIGN_IN: "none",
    TANDEM_RATE_LIMITS: "off",
    TANDEM_TIMEZONE: "America/New_York",
    TANDEM_INTEGRITY_AT: "off",
    TANDEM_BACKUP_AT: "off",
    ROCKET_PORT: String(port),
    ROCKET_CONFIG: "/dev/null",
  };
}

function tandem(folder, ...rest) {
  return execFileSync(BINARY, ["--data-dir", folder, ...rest], { env: environment(), encoding: "utf8" });
}

async function serve(folder) {
  const child = spawn(BINARY, ["--data-dir", folder, "serve"], { env: environment(), stdio: "ignore" });
  const until = Date.now() + START_MS_MAX;
  while (Date.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => null);
    if (answer?.ok) return child;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  child.kill();
  throw new Error("the server does not answer");
}

/** Two weeks of a team, as the retailer's export has them. */
function rosterFile(folder) {
  const heading = "Project Name,Project Reference Number,Store Number,Store Name,Start Date/Time,Due Date/Time,"
    + "Estimated Time,Rep Name,Employee ID,Schedule Date/Time";
  const american = (date, time) => `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ${time}`;
  const rows = WEEKS.flatMap((sunday, week) => Array.from({ length: WEEK_EVENTS }, (_, index) => {
    const [person, day, slot] = [index % PEOPLE, Math.floor(index / PEOPLE) % 7, Math.floor(index / PEOPLE / 7)];
    const at = new Date(`${sunday}T00:00:00Z`);
    at.setUTCDate(at.getUTCDate() + day);
    return [`10.06-DD-Product ${index} - 10.06 Digital Refresh`, 131000000 + week * 1000 + index, 4101, "Harbor Club",
      american(at, "12:00:00 AM"), american(at, "11:59:00 PM"), 15, `Person ${person}`, `E2${String(person).padStart(4, "0")}`,
      american(at, `${9 + 2 * slot > 12 ? 2 * slot - 3 : 9 + 2 * slot}:00:00 ${9 + 2 * slot >= 12 ? "PM" : "AM"}`)].join(",");
  }));
  const file = join(folder, "visits.csv");
  writeFileSync(file, [heading, ...rows].join("\r\n"));
  return file;
}

/** The page of FullCalendar, its files, and the same events as JSON for the range that it asks for. */
function serveFullCalendar(events) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    if (url.pathname === "/events.json") {
      const [start, end] = ["start", "end"].map((name) => url.searchParams.get(name).slice(0, 10));
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify(events.filter((event) => event.start >= start && event.start < end)));
    }
    const folder = Object.keys(FOLDERS).find((folder) => url.pathname.startsWith(folder));
    const inside = normalize(url.pathname.slice(folder?.length ?? 0));
    const path = folder ? join(HERE, FOLDERS[folder], inside) : join(HERE, "fullcalendar.html");
    if (inside.startsWith("..")) return response.writeHead(404).end();
    try {
      const body = readFileSync(path);
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done) => server.listen(port + 1, "127.0.0.1", () => done(server)));
}

/** In the page: resolves with the time at which a frame was painted in which the condition holds. */
const WATCH = `
  window.whenPainted = (holds) => new Promise((done) => {
    const painted = () => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => done(performance.now());
      channel.port2.postMessage(null);
    });
    if (holds()) return painted();
    const observer = new MutationObserver(() => {
      if (holds()) { observer.disconnect(); painted(); }
    });
    observer.observe(document, { attributes: true, childList: true, subtree: true, characterData: true });
  });`;

/** What is measured: its page, when a month is there, and what asks for the next one. */
function subjects(counts) {
  const fullCalendar = (name, address, least) => ({
    name,
    address: `http://127.0.0.1:${port + 1}/${address}`,
    isThere: (month) => {
      const title = month === "2025-10" ? "October 2025" : "November 2025";
      return `() => !!document.querySelector("#calendar [aria-label='${title}']")
        && document.querySelectorAll("#calendar .measured").length >= ${least(counts[month])}`;
    },
    press: "window.calendar.next()",
  });
  const roster = {
    name: "Tandem's roster",
    address: `http://127.0.0.1:${port}/roster/${WEEKS[0]}`,
    isThere: (month) => `() => document.querySelector("#title")?.textContent.includes("${month === "2025-10" ? "Oct 26" : "Nov 2"}")
      && document.querySelectorAll("main tbody a").length >= ${WEEK_EVENTS}
      && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")`,
    press: "document.getElementById('next-link').click()",
  };
  const ours = {
    name: "Tandem",
    address: `http://127.0.0.1:${port}/calendar/2025/10`,
    isThere: (month) => {
      const number = Number(month.slice(5));
      return `() => document.querySelector("#title")?.textContent.includes("${number === 10 ? "October" : "November"} 2025")
        && document.querySelectorAll("a[href*='/calendar/day/${month}-']").length > 27
        && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")`;
    },
    press: "document.getElementById('next-link').click()",
  };
  const all = fullCalendar("FullCalendar, every event", "", (count) => count);
  return [isRoster ? roster : ours, all, fullCalendar("FullCalendar, as many as fit", "?limited", () => 28)];
}

/** One visit with an empty cache: milliseconds until the month is painted, and from the press until the next one is. */
async function visit(browser, subject) {
  const context = await browser.newContext({ viewport: VIEWPORT });
  await context.addInitScript(WATCH);
  const page = await context.newPage();
  await page.goto(subject.address, { waitUntil: "commit" });
  const load = await page.evaluate(`whenPainted(${subject.isThere("2025-10")})`);
  await page.waitForLoadState("load");
  await page.waitForTimeout(SETTLE_MS);
  const elements = await page.evaluate("document.querySelectorAll('*').length");
  const next = await page.evaluate(`(() => {
    const begun = performance.now();
    const painted = whenPainted(${subject.isThere("2025-11")});
    ${subject.press};
    return painted.then((at) => at - begun);
  })()`);
  await context.close();
  return { load, next, elements };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function quartiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return [0.25, 0.75].map((part) => Math.round(sorted[Math.floor(sorted.length * part)]));
}

function table(rows, version) {
  const [ours] = rows;
  const cell = (row, what) => {
    const [low, high] = quartiles(row[what]);
    const middle = median(row[what]);
    const ratio = row === ours ? "" : `; ${(middle / median(ours[what])).toFixed(1)} ×`;
    return `${Math.round(middle)} (${low} to ${high})${ratio}`;
  };
  const machine = `${cpus().length} × ${cpus()[0].model}, Linux ${release()}, Chromium ${version}`;
  const pinned = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8")).dependencies.fullcalendar;
  return [
    `${new Date().toISOString().slice(0, 10)}, ${machine}, FullCalendar ${pinned}; ${rounds} visits each, in turns, with an empty cache; median (middle half)`,
    "",
    isRoster
      ? `| ${PEOPLE} people, ${WEEK_EVENTS} events | load, ms | next week or month, ms | elements |`
      : `| ${values.events} events a month | load, ms | next month, ms | elements |`,
    "|---|---|---|---|",
    ...rows.map((row) => `| ${row.name} | ${cell(row, "load")} | ${cell(row, "next")} | ${row.elements[0]} |`),
  ].join("\n");
}

function write(text) {
  const path = join(ROOT, "benches/README.md");
  const before = readFileSync(path, "utf8");
  const place = isRoster ? "browser roster" : "browser";
  const marked = new RegExp(`(<!-- ${place}: begin -->\n)[^]*?(<!-- ${place}: end -->)`);
  if (!marked.test(before)) throw new Error("benches/README.md has no place for the table");
  writeFileSync(path, before.replace(marked, `$1${text}\n$2`));
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "tandem-browser-"));
  const data = join(folder, "data");
  if (isRoster) tandem(data, "import", "visits", rosterFile(folder));
  else tandem(data, "generate", "--count", String(2 * Number(values.events)), "--month", "2025-10", "--months", "2");
  const lines = tandem(data, "export", "schedule", "--format", "jsonl").trim().split("\n").map((line) => JSON.parse(line));
  const events = lines.map((line) => ({ id: line.event_id, title: line.project_name, start: line.start_datetime }));
  // Each week is a month of FullCalendar's.
  const move = (start) => (isRoster && start < WEEKS[1] ? start.replace("2025-11-01", "2025-10-25") : start);
  events.forEach((event) => { event.start = move(event.start); });
  const counts = Object.fromEntries(
    ["2025-10", "2025-11"].map((month) => [month, events.filter((event) => event.start.startsWith(month)).length]),
  );
  const [server, other] = [await serve(data), await serveFullCalendar(events)];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-quic"] });
  try {
    const rows = subjects(counts).map((subject) => ({ ...subject, load: [], next: [], elements: [] }));
    for (let round = 0; round <= rounds; round += 1) {
      for (const row of rows) {
        const found = await visit(browser, row);
        // The first round warms the browser up.
        if (round > 0) ["load", "next", "elements"].forEach((what) => row[what].push(found[what]));
      }
    }
    const text = table(rows, browser.version());
    console.log(text);
    write(text);
  } finally {
    await browser.close();
    other.close();
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

await main();
