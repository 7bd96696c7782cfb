// Keeps a page live: it asks for itself anew and takes over the parts marked data-live. Without this
// script the page says the same, as of when it was loaded.
"use strict";

const REFRESH_MS = 15000;
const TYPING_MS = 150;
const DISTANCE_MS = 1000;
const CHECK_POLL_MS = 1000;
const CHECK_POLLS = 45;

const notice = document.getElementById("notice");

function say(text) {
  if (notice.textContent !== text) notice.textContent = text;
}

// Times: in the words of Distance() in moment.cc.

function lengthOf(seconds) {
  const units = [[31536000, "year"], [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
  const [size, name] = units.find(([unit]) => unit === 1 || seconds >= 2 * unit);
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

function distance(time, now) {
  const past = Math.trunc((now - time) / 1000);
  if (past === 0) return "now";
  return past > 0 ? `${lengthOf(past)} ago` : `in ${lengthOf(-past)}`;
}

function updateDistances() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("time[data-distance]")) {
    const time = Date.parse(element.dateTime);
    const now = Date.now();
    const text = distance(element.dataset.distance === "due" ? Math.max(time, now) : time, now);
    if (element.textContent !== text) element.textContent = text;
  }
}

// The live parts.

// What has the focus, told so that the same can be found in the new part.
function focusIn(part) {
  const element = document.activeElement;
  if (!part.contains(element) || element === part) return null;
  const selector = element.id ? `#${CSS.escape(element.id)}`
    : element.hasAttribute("href") ? `a[href="${CSS.escape(element.getAttribute("href"))}"]`
    : element.tagName.toLowerCase();
  const places = [...part.querySelectorAll(selector)];
  return { selector, place: places.indexOf(element) };
}

function restoreFocus(part, focus) {
  if (!focus) return;
  const element = part.querySelectorAll(focus.selector)[focus.place];
  if (element) element.focus({ preventScroll: true });
}

function takeOver(part, fresh) {
  const focus = focusIn(part);
  const open = new Map([...part.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
  for (const details of fresh.querySelectorAll("details[id]")) {
    if (open.has(details.id)) details.open = open.get(details.id);
  }
  for (const name of [...fresh.getAttributeNames()]) part.setAttribute(name, fresh.getAttribute(name));
  part.replaceChildren(...fresh.childNodes);
  restoreFocus(part, focus);
}

function isSelectingText() {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed;
}

function scriptOf(page) {
  return page.querySelector("script[src]").getAttribute("src");
}

function show(page) {
  if (scriptOf(page) !== scriptOf(document)) {
    location.reload(); // another version of the program
    return;
  }
  const headline = (root) => root.querySelector("#summary h1, #verdict .sentence")?.textContent;
  const before = headline(document);
  const scroll = [scrollX, scrollY];
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh) takeOver(part, fresh);
  }
  document.title = page.title;
  scrollTo(...scroll);
  if (headline(document) !== before) say(headline(document));
}

let asked = 0;

// Only the answer to the last question is shown.
async function refresh() {
  const number = ++asked;
  try {
    const response = await fetch(location.href, { cache: "no-store" });
    const type = response.headers.get("Content-Type") || "";
    if (!response.ok || !type.startsWith("text/html")) throw new Error(`status ${response.status}`);
    const text = await response.text();
    if (number !== asked) return;
    if (notice.dataset.lost) {
      delete notice.dataset.lost;
      say("");
    }
    show(new DOMParser().parseFromString(text, "text/html"));
    updateDistances();
  } catch (error) {
    if (number !== asked || document.hidden) return;
    if (!notice.dataset.lost) {
      notice.dataset.lost = "yes";
      say(`No answer from the exporter since ${new Date().toLocaleTimeString()}.`);
    }
  }
}

let last = Date.now();

function refreshWhenDue() {
  if (document.hidden || isSelectingText() || Date.now() - last < REFRESH_MS) return;
  last = Date.now();
  refresh();
}

// The filter: the list follows what is typed.

function followFilter(form) {
  document.documentElement.classList.add("instant");
  let timer = 0;
  const apply = () => {
    clearTimeout(timer);
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
    const text = query.toString();
    history.replaceState(null, "", text ? `?${text}` : "./");
    last = Date.now();
    refresh();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener("change", apply);
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, TYPING_MS);
  });
}

// A check out of turn.

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const lastChecked = () => document.getElementById("verdict").dataset.checked;

async function waitForResult(before) {
  for (let i = 0; i < CHECK_POLLS && lastChecked() === before; ++i) {
    await wait(CHECK_POLL_MS);
    await refresh();
  }
  say(lastChecked() === before ? "The check has not ended yet." : "Checked.");
}

async function checkNow(form) {
  const before = lastChecked();
  const response = await fetch(form.action, { method: "POST" });
  if (response.status === 202) {
    say("Checking…");
    await waitForResult(before);
  } else if (response.status === 429) {
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    say(`Checked a moment ago. Possible again in ${lengthOf(seconds)}.`);
  } else {
    say(`The check could not be started: the exporter answered ${response.status}.`);
  }
}

function followCheckNow(form) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      await checkNow(form);
    } catch (error) {
      say("The check could not be started: no answer from the exporter.");
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

const filter = document.getElementById("filter");
if (filter) followFilter(filter);
const form = document.querySelector(".check-now");
if (form) followCheckNow(form);
updateDistances();
setInterval(updateDistances, DISTANCE_MS);
setInterval(refreshWhenDue, 1000);
document.addEventListener("visibilitychange", refreshWhenDue);
