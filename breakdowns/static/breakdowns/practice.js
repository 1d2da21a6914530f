// The practice page. One object holds what the dancer has chosen; everything shown follows from it and the video.
import { clickAt, soundReady } from "./clicks.js";

const byId = (id) => document.getElementById(id);
const SPEEDS = [0.25, 0.5, 0.75, 1];
const COUNTS = 4; // of a count-in
const FLASH = 0.12; // s that a beat stays lit
const FRAME = 0.042; // s from picture to picture in the slowest films
const calm = matchMedia("(prefers-reduced-motion: reduce)");

async function ask() {
  const answer = await fetch(document.body.dataset.url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// --- While it is being made ---------------------------------------------------------------------------------
async function wait() {
  try {
    const data = await ask();
    if (data.status === "completed" || data.status === "failed") return location.reload();
    byId("progress").value = data.progress;
    byId("share").value = `${Math.round(100 * data.progress)} %`;
  } catch { /* the next look may succeed */ }
  setTimeout(wait, 2000);
}

// --- Practising ---------------------------------------------------------------------------------------------
function practise() {
  const video = byId("video"), stage = byId("stage"), page = document.querySelector(".practice");
  const parts = [...document.querySelectorAll(".part")];
  const cards = [...document.querySelectorAll(".step")];
  const steps = parts.map((part, i) => ({
    start: Number(part.dataset.start), end: Number(part.dataset.end), count: Number(part.dataset.count),
    name: cards[i].querySelector(".title").textContent,
  }));
  const chosen = { speed: 1, loop: null, mirror: false, view: "video", countIn: false };
  let media = null, beats = [], renewAt = Infinity, now = -1, counting = 0, pending = null, renewing = false;

  const say = (text) => { byId("live").textContent = text; };
  const press = (id, on) => byId(id)?.setAttribute("aria-pressed", String(on));
  const last = steps.length - 1;
  const stepAt = (t) => steps.findLastIndex((step) => t >= step.start - 0.02);
  const period = () => {
    const gaps = beats.slice(1).map((beat, i) => beat - beats[i]).sort((a, b) => a - b);
    return gaps.length ? gaps[gaps.length >> 1] : 0.5;
  };

  // --- Links to the media -----------------------------------------------------------------------------------
  async function renew() {
    const data = await ask();
    media = data.media;
    beats = data.beats;
    renewAt = performance.now() + 1000 * (data.expiresIn - 60);
  }
  function show(url, seconds = video.currentTime) {
    const playing = !video.paused;
    pending = { seconds, playing };
    video.src = url;
  }
  video.addEventListener("loadedmetadata", () => {
    measure();
    video.playbackRate = chosen.speed;
    if (!pending) return;
    const { seconds, playing } = pending;
    pending = null;
    video.currentTime = seconds;
    if (playing) video.play().catch(() => {});
  });
  video.addEventListener("error", async () => {
    if (renewing) return say("The video cannot be loaded at the moment. Please load the page again.");
    renewing = true; // a second failure with new links is no matter of links
    try {
      await renew();
      show(media[chosen.view], pending ? pending.seconds : video.currentTime);
    } catch {
      say("The video cannot be loaded any more. Please load the page again.");
    }
  });
  video.addEventListener("canplay", () => { renewing = false; });

  // --- Playing ----------------------------------------------------------------------------------------------
  async function play() {
    if (performance.now() > renewAt) {
      await renew().catch(() => {});
      if (media) show(media[chosen.view]);
    }
    if (chosen.loop !== null && !within(chosen.loop)) video.currentTime = steps[chosen.loop].start;
    if (chosen.countIn) await countIn();
    else await start();
  }
  const start = () => video.play().catch(() => say("Press play to start."));
  const within = (i) => video.currentTime >= steps[i].start - 0.02 && video.currentTime < steps[i].end - 0.02;
  function stop() {
    counting += 1; // whatever was counting in sees that it is out of date
    page.classList.remove("counting");
    video.pause();
  }
  const toggle = () => (video.paused && !page.classList.contains("counting") ? play() : stop());

  const inEight = (count) => ((((count - 1) % 8) + 8) % 8) + 1;
  function nextCount() { // that the music comes to next, from the count on which this step begins
    const t = pending ? pending.seconds : video.currentTime;
    const step = steps[Math.max(0, stepAt(t))];
    const beat = (time) => beats.filter((moment) => moment < time - 0.1).length;
    return step.count + beat(t) - beat(step.start);
  }

  async function countIn() {
    video.pause();
    const mine = ++counting, gap = period() / chosen.speed, next = nextCount();
    page.classList.add("counting");
    const sound = await soundReady();
    const from = performance.now() + 120;
    for (let i = 0; i < COUNTS; i++) if (sound) clickAt(sound.currentTime + 0.12 + i * gap, i === 0);
    for (let i = 0; i < COUNTS; i++) {
      await until(from + 1000 * i * gap);
      if (mine !== counting) return;
      byId("count").textContent = String(inEight(next - COUNTS + i));
      if (!calm.matches) byId("count").animate([{ transform: "scale(1.25)" }, { transform: "none" }], 250);
    }
    await until(from + 1000 * COUNTS * gap);
    if (mine !== counting) return;
    page.classList.remove("counting");
    await start();
  }
  const until = (moment) => new Promise((done) => setTimeout(done, Math.max(0, moment - performance.now())));

  function jump(i, { scroll = false } = {}) {
    const to = Math.min(Math.max(i, 0), last);
    const counted = page.classList.contains("counting"), playing = !video.paused;
    if (counted) stop();
    // At rest the picture that counts is the first one of the step, not the one still shown when it begins.
    const moment = steps[to].start + (playing || counted ? 0 : FRAME);
    if (pending) pending.seconds = moment;
    else video.currentTime = moment;
    if (chosen.loop !== null) chosen.loop = to;
    history.replaceState(null, "", `#step-${to + 1}`);
    mark(to);
    if (scroll) cards[to].scrollIntoView({ block: "nearest" });
    if ((playing || counted) && chosen.countIn) countIn();
  }
  const current = () => Math.max(0, now);
  function back() { // to the start of this step first, as players do
    jump(video.currentTime - steps[current()].start > 0.8 ? current() : current() - 1, { scroll: true });
  }

  // --- What the dancer chooses ------------------------------------------------------------------------------
  function setSpeed(speed) {
    chosen.speed = speed;
    video.playbackRate = video.defaultPlaybackRate = speed;
    for (const button of document.querySelectorAll("[data-speed]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed));
    }
  }
  function faster(by) {
    const i = SPEEDS.indexOf(chosen.speed) + by;
    if (i >= 0 && i < SPEEDS.length) setSpeed(SPEEDS[i]);
  }
  function setLoop(on) {
    chosen.loop = on ? current() : null;
    if (on && !within(chosen.loop)) video.currentTime = steps[chosen.loop].start;
    press("loop", on);
    page.classList.toggle("looping", on);
  }
  function setMirror(on) {
    chosen.mirror = on;
    press("mirror", on);
    stage.classList.toggle("mirrored", on);
  }
  function setCountIn(on) {
    chosen.countIn = on;
    press("countin", on);
    if (on) soundReady();
  }
  async function setView(view) {
    if (!media) await renew().catch(() => {});
    if (!media?.[view] || view === chosen.view) return;
    chosen.view = view;
    press("outline", view === "outline");
    press("black", view === "stage");
    stage.classList.toggle("drawn", view !== "video");
    show(media[view], pending ? pending.seconds : video.currentTime);
  }
  const flip = (view) => setView(chosen.view === view ? "video" : view);

  // --- What follows from it ---------------------------------------------------------------------------------
  function mark(i) {
    if (i === now) return;
    now = i;
    parts.forEach((part, k) => part.classList.toggle("now", k === i));
    cards.forEach((card, k) => {
      card.classList.toggle("now", k === i);
      if (k === i) card.setAttribute("aria-current", "step");
      else card.removeAttribute("aria-current");
    });
    byId("cover-number").textContent = i < 0 ? "" : String(i + 1);
    byId("cover-name").textContent = i < 0 ? "" : steps[i].name;
  }
  function place(t) { // where the head is on the line, whose parts are as wide as their steps are long
    const i = stepAt(t);
    if (i < 0) return 0;
    const part = parts[i], share = Math.min(1, (t - steps[i].start) / (steps[i].end - steps[i].start));
    return part.offsetLeft + share * part.offsetWidth;
  }
  function frame() {
    const t = pending ? pending.seconds : video.currentTime;
    if (chosen.loop !== null && !video.paused && !video.seeking && !pending && t >= steps[chosen.loop].end - 0.01) {
      video.currentTime = steps[chosen.loop].start;
      if (chosen.countIn) countIn();
    } else {
      mark(chosen.loop ?? stepAt(t));
    }
    byId("time").value = `${Math.floor(t / 60)}:${(t % 60).toFixed(1).padStart(4, "0")}`;
    byId("head").style.transform = `translateX(${place(t)}px)`;
    const beat = beats.findLast((moment) => moment <= t);
    const lit = beat !== undefined && t - beat < FLASH && !video.paused;
    byId("beat").classList.toggle("on", lit);
    byId("cover-beat").classList.toggle("on", lit);
    requestAnimationFrame(frame);
  }
  function measure() { // the size at which the picture is shown within the stage
    if (!video.videoWidth) return;
    page.classList.toggle("wide", video.videoWidth > video.videoHeight);
    const share = Math.min(stage.clientWidth / video.videoWidth, stage.clientHeight / video.videoHeight);
    stage.style.setProperty("--w", `${share * video.videoWidth}px`);
    stage.style.setProperty("--h", `${share * video.videoHeight}px`);
    document.documentElement.style.setProperty("--sticky", `${document.querySelector(".player").offsetHeight + 12}px`);
  }
  function showPlaying() {
    page.classList.toggle("playing", !video.paused);
    const label = video.paused ? "Play" : "Pause";
    byId("play").setAttribute("aria-label", label);
    byId("big").setAttribute("aria-label", label);
  }
  video.addEventListener("play", showPlaying);
  video.addEventListener("play", () => page.classList.add("begun"), { once: true });
  video.addEventListener("pause", showPlaying);
  video.addEventListener("ended", () => {
    if (chosen.loop === null) return;
    video.currentTime = steps[chosen.loop].start;
    if (chosen.countIn) countIn();
    else start();
  });
  new ResizeObserver(measure).observe(stage);

  // --- Hands and keys ---------------------------------------------------------------------------------------
  const on = (id, act) => byId(id)?.addEventListener("click", act);
  on("play", toggle);
  on("big", toggle);
  on("back", back);
  on("next", () => jump(current() + 1, { scroll: true }));
  on("loop", () => setLoop(chosen.loop === null));
  on("mirror", () => setMirror(!chosen.mirror));
  on("outline", () => flip("outline"));
  on("black", () => flip("stage"));
  on("countin", () => setCountIn(!chosen.countIn));
  parts.forEach((part, i) => {
    part.style.flexGrow = Math.max(0.3, steps[i].end - steps[i].start);
    part.addEventListener("click", () => jump(i, { scroll: true }));
  });
  cards.forEach((card, i) => card.querySelector(".jump").addEventListener("click", () => jump(i)));
  for (const button of document.querySelectorAll("[data-speed]")) {
    button.addEventListener("click", () => setSpeed(Number(button.dataset.speed)));
  }
  const keys = {
    " ": toggle, ArrowLeft: back, ArrowRight: () => jump(current() + 1, { scroll: true }),
    l: () => setLoop(chosen.loop === null), m: () => setMirror(!chosen.mirror), o: () => flip("outline"),
    b: () => flip("stage"), c: () => setCountIn(!chosen.countIn), "-": () => faster(-1), "−": () => faster(-1),
    "+": () => faster(1), "=": () => faster(1),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen?.()),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Space on a focused button presses that button, as everywhere.
    if (event.key === " " && event.target.closest("button, summary, a")) return;
    const act = keys[event.key] ?? keys[event.key.toLowerCase()];
    const digit = /^[1-9]$/.test(event.key) && Number(event.key) <= steps.length;
    if (!act && !digit) return;
    event.preventDefault();
    if (act) act();
    else jump(Number(event.key) - 1, { scroll: true });
  });
  const linked = () => Number(/^#step-(\d+)$/.exec(location.hash)?.[1] ?? 0);
  addEventListener("hashchange", () => { if (linked() && linked() <= steps.length) jump(linked() - 1); });

  renew().catch(() => say("The beat could not be loaded; counting in at 120 BPM."));
  measure();
  if (linked() && linked() <= steps.length) {
    const go = () => jump(linked() - 1);
    if (video.readyState > 0) go();
    else video.addEventListener("loadedmetadata", go, { once: true });
  }
  requestAnimationFrame(frame);
}

// --- The share link -----------------------------------------------------------------------------------------
async function share(event) {
  event.preventDefault();
  const form = event.target, told = byId("shared"), taking = event.submitter === byId("unshare");
  if (taking && !confirm("The link will open nothing any more, for everybody who has it. Stop sharing?")) return;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
    if (!answer.ok && answer.status !== 403) throw new Error(String(answer.status));
    const { url, detail } = await answer.json();
    if (!answer.ok) {
      // A moderator made it private while this page was open, which also took the link back.
      told.textContent = detail;
      byId("unshare").hidden = true;
      return;
    }
    byId("unshare").hidden = taking;
    if (taking) {
      told.textContent = "The link was taken back: it opens nothing any more.";
      return form.querySelector("button").focus(); // the button that had the focus is gone
    }
    // Some browsers copy only on secure pages; the link is then there to be copied by hand.
    const copied = await navigator.clipboard?.writeText(url).then(() => true, () => false);
    if (copied) {
      told.textContent = "Link copied; it opens this page.";
      return;
    }
    told.textContent = "Copy this link; whoever has it can practise here: ";
    const link = document.createElement("a");
    link.href = link.textContent = url;
    told.append(link);
  } catch {
    told.textContent = `The link could not be ${taking ? "taken back" : "made"}. Please try again.`;
  }
}

byId("sharing")?.addEventListener("submit", share);
if (byId("video")) practise();
else if (byId("progress")) wait();
