// The video with its skeleton and timeline, all at the same time of the dance.

import { drawSkeleton } from "./skeleton.js";
import { draw } from "./timeline.js";

// What a moderator chose stays for the next dance.
const chosen = { overlay: true, speed: "1", sound: false };

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}.${Math.floor((seconds % 1) * 10)}`;
}

/** Bring the player of an item to life; `data` is promised. */
export function startPlayer(item, data) {
  const find = (what) => item.querySelector(`[data-${what}]`);
  const video = item.querySelector(".mod-stage video");
  const canvas = item.querySelector(".mod-skeleton");
  const [play, overlay, speed, sound] = ["play", "overlay", "speed", "sound"].map(find);
  const beside = [...item.querySelectorAll("[data-beside]")];
  let pose = null;
  let timeline = { show: () => {}, free: () => {} };
  let alive = true;

  const show = () => {
    find("time").textContent = clock(video.currentTime);
    timeline.show(video.currentTime);
    canvas.hidden = !overlay.checked;
    if (overlay.checked) drawSkeleton(canvas, video, pose, video.currentTime);
  };
  const tick = () => {
    if (!alive) return;
    show();
    requestAnimationFrame(tick);
  };
  const toggle = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  const setSpeed = () => {
    chosen.speed = speed.value;
    video.playbackRate = Number(speed.value);
    for (const other of beside) other.playbackRate = video.playbackRate;
  };
  const follow = () => {
    play.textContent = video.paused ? "Play" : "Pause";
    for (const other of beside) {
      // The other video at the same moment of the dance.
      other.currentTime = Math.max(0, video.currentTime + Number(other.dataset.beside));
      if (video.paused) other.pause();
      else other.play().catch(() => {});
    }
  };

  overlay.checked = chosen.overlay;
  speed.value = chosen.speed;
  sound.checked = chosen.sound;
  video.muted = !chosen.sound;
  setSpeed();
  play.addEventListener("click", toggle);
  video.addEventListener("click", toggle);
  for (const event of ["play", "pause", "seeked"]) video.addEventListener(event, follow);
  const lost = () => (find("lost").hidden = false);
  video.addEventListener("error", lost);
  if (video.error) lost(); // before anybody listened
  overlay.addEventListener("change", () => (chosen.overlay = overlay.checked));
  speed.addEventListener("change", setSpeed);
  sound.addEventListener("change", () => {
    chosen.sound = sound.checked;
    video.muted = !sound.checked;
  });
  data.then((found) => {
    if (!alive) return;
    pose = found.pose;
    find("legend").hidden = !found.report;
    find("no-report").hidden = Boolean(found.report);
    timeline = draw(find("timeline"), found, video);
  });
  video.play().catch(() => {});
  tick();

  return {
    toggle,
    skip(seconds) {
      video.currentTime = Math.min(video.duration || 0, Math.max(0, video.currentTime + seconds));
    },
    faster(steps) {
      speed.selectedIndex = Math.min(speed.length - 1, Math.max(0, speed.selectedIndex + steps));
      setSpeed();
    },
    toggleOverlay() {
      overlay.checked = !overlay.checked;
      chosen.overlay = overlay.checked;
    },
    stop() {
      alive = false;
      timeline.free();
      video.pause();
      video.removeAttribute("src");
      video.load();
    },
  };
}
