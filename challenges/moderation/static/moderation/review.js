// Reviewing one dance after the other. The next one is fetched while this one is watched, so that after a
// decision it is there at once; the decision itself goes to the server meanwhile.

import { askReason, isOpen, openHelp } from "./dialogs.js";
import { startPlayer } from "./player.js";
import { toast } from "./toasts.js";

const root = document.getElementById("review");
const host = document.getElementById("item");
const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
const undoSeconds = Number(root.dataset.undoSeconds);
const RENEW = 60_000; // ms; a claim lasts for minutes
const UNSEEN = 500; // ms in which a click was meant for the dance before, as the second one of a double click
const SIGNED_OUT = "You have been signed out. Please load the page again to sign in.";

const fetched = new Map(); // address -> { html, data } promised
let player = null;
let lastUndo = null;
let renewing = 0;
let shownAt = -UNSEEN;

const current = () => host.querySelector(".mod-item");

async function post(address, fields = {}) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...fields });
  let answer;
  try {
    answer = await fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, keepalive: true });
  } catch {
    throw new Error("The server does not answer. Please try again.");
  }
  // Who is signed out is led to the log-in page, which would pass for an answer.
  if (answer.redirected) throw new Error(SIGNED_OUT);
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.detail ?? "That did not work. Please load the page again.");
  return found;
}

// Without it there is no timeline and no skeleton, but still a video to judge by.
const NO_DATA = { report: null, pose: null };
const getData = (address) =>
  fetch(`${address}data/`).then((answer) => (answer.ok ? answer.json() : NO_DATA)).catch(() => NO_DATA);

// Null when it is gone, undefined for who is signed out.
async function getHtml(address) {
  const answer = await fetch(`${address}?part=1`);
  if (answer.redirected) return undefined;
  return answer.ok ? answer.text() : null;
}

function prefetch(address) {
  if (!address || fetched.has(address)) return;
  const html = getHtml(address);
  fetched.set(address, { html, data: getData(address) });
  html.then((text) => {
    // The browser keeps the beginning of the video for when it is shown.
    const source = text && new DOMParser().parseFromString(text, "text/html").querySelector(".mod-stage video");
    if (!source) return;
    const ahead = document.createElement("video");
    ahead.muted = true;
    ahead.preload = "auto";
    ahead.src = source.getAttribute("src");
  });
}

// --- Showing ------------------------------------------------------------------------------------------------
function begin(data) {
  const item = current();
  if (!item) return;
  player = startPlayer(item, data ?? getData(item.dataset.url));
  prefetch(item.dataset.next);
  hold(item);
  clearInterval(renewing);
  renewing = setInterval(() => !document.hidden && hold(item), RENEW);
}

async function hold(item) {
  if (!item.dataset.mayDecide) return;
  const found = await post(`${item.dataset.url}claim/`).catch((wrong) => ({ claimed: false, detail: wrong.message }));
  if (item !== current()) return;
  const told = item.querySelector("[data-claim]");
  told.textContent = found.detail;
  told.hidden = found.claimed;
  for (const button of item.querySelectorAll("[data-action]")) {
    button.disabled = !found.claimed || "whyNot" in button.dataset;
  }
}

function leave(item) {
  clearInterval(renewing);
  player?.stop();
  player = null;
  if (item?.dataset.mayDecide && !item.dataset.decided) post(`${item.dataset.url}release/`).catch(() => {});
}

async function show(address, { remember = true } = {}) {
  const { html, data } = fetched.get(address) ?? { html: getHtml(address), data: undefined };
  fetched.delete(address);
  const text = await html;
  if (text === undefined) return location.reload();
  if (text === null) return finish();
  leave(current());
  host.innerHTML = text;
  shownAt = performance.now();
  if (remember) history.pushState(null, "", address);
  window.scrollTo(0, 0);
  host.focus({ preventScroll: true });
  begin(data);
}

function finish() {
  leave(current());
  host.replaceChildren(document.getElementById("done").content.cloneNode(true));
  host.focus({ preventScroll: true });
}

// --- Deciding -----------------------------------------------------------------------------------------------
async function take(button) {
  const item = current();
  if (item?.dataset.decided) return;
  if (!button || !item || button.disabled) {
    if (button?.title && "whyNot" in button.dataset) toast(button.title, { wrong: true });
    return;
  }
  const { action: name, label, explanation } = button.dataset;
  let asked = {};
  if ("needsReason" in button.dataset) {
    asked = await askReason({ name, label, explanation });
    if (asked === null || item !== current()) return;
  }
  item.dataset.decided = "1";
  const { url, next, seen, name: dancer } = item.dataset;
  const sent = post(`${url}decide/`, { action: name, seen, ...asked });
  const told = sent.then((made) => offerUndo(made, dancer), (wrong) => failed(wrong, url));
  if (next) await show(next);
  else {
    // The last one in this direction: there may be others before it.
    await told;
    await showFirst(item.dataset.id);
  }
}

async function showFirst(but) {
  const found = await fetch(`${root.dataset.next}?but=${but}`).then((answer) => answer.json());
  if (found.next) await show(found.next);
  else finish();
}

function offerUndo(made, dancer) {
  lastUndo?.away();
  const until = Date.now() + 1000 * undoSeconds;
  const act = () => undo();
  const away = toast(`${made.done}: ${dancer}`, { offer: { label: "Undo", key: "u", act, seconds: undoSeconds } });
  lastUndo = { address: made.undo, until, away };
}

function failed(wrong, url) {
  toast(wrong.message, { wrong: true, seconds: 12, offer: { label: "Back to it", act: () => show(url), seconds: 12 } });
}

async function undo() {
  if (!lastUndo || Date.now() > lastUndo.until) return;
  const { address, away } = lastUndo;
  lastUndo = null;
  away();
  try {
    const { back } = await post(address);
    fetched.clear();
    await show(back);
    toast("Undone. It is as it was before.");
  } catch (wrong) {
    toast(wrong.message, { wrong: true });
  }
}

// --- Keys and buttons ---------------------------------------------------------------------------------------
function go(direction) {
  const address = current()?.dataset[direction];
  if (address) show(address);
  else toast(direction === "next" ? "This is the last one." : "This is the first one.");
}

const KEYS = {
  j: () => go("next"),
  k: () => go("previous"),
  u: () => undo(),
  o: () => player?.toggleOverlay(),
  " ": () => player?.toggle(),
  ",": () => player?.faster(-1),
  ".": () => player?.faster(1),
  ArrowLeft: () => player?.skip(-1),
  ArrowRight: () => player?.skip(1),
  "?": () => openHelp(),
};

document.addEventListener("keydown", (event) => {
  if (isOpen() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  // A button or a link that has the focus keeps its own keys.
  if (event.key === " " && event.target.closest("button, a, summary, input")) return;
  const button = host.querySelector(`[data-action][data-key="${CSS.escape(event.key)}"]`);
  const step = button ? () => take(button) : KEYS[event.key];
  if (!step) return;
  event.preventDefault();
  // A key that is held down would decide about dances that nobody has seen.
  if (!button || !event.repeat) step();
});

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.action) {
    if (performance.now() - shownAt >= UNSEEN) take(button);
  } else if (button.dataset.go) go(button.dataset.go);
  else if ("help" in button.dataset) openHelp();
});

window.addEventListener("popstate", () => show(location.pathname, { remember: false }));
window.addEventListener("pagehide", () => leave(current()));
begin();
