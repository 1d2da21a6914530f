// The timeline under the video: movement, beats, each hit early or late, the steps, and how well the body is seen.
// An SVG of 1000 units per whole video; time runs to the right, and the line of the present follows the video.

const WIDTH = 1000;
const HEIGHT = 176;
const SVG = "http://www.w3.org/2000/svg";
// A hit within this many milliseconds of its beat is on it: what an eye or an ear can tell apart.
const ON_THE_BEAT = 50;

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function label(text) {
  return element("title", {}, text);
}

function beats(svg, report, x) {
  for (const beat of report.beats ?? []) {
    svg.append(element("line", { class: "tl-beat", x1: x(beat.time), x2: x(beat.time), y1: 0, y2: 132 }));
    const off = beat.offset_ms;
    if (off === null || off === undefined) continue;
    const kind = Math.abs(off) <= ON_THE_BEAT ? "on" : off < 0 ? "early" : "late";
    const said = kind === "on" ? "on the beat" : `${Math.abs(Math.round(off))} ms ${kind}`;
    const hit = element("ellipse", { class: `tl-hit-${kind}`, cx: x(beat.time + off / 1000), cy: 16, rx: 4, ry: 7 });
    hit.append(label(`${beat.time.toFixed(2)} s: ${said}`));
    svg.append(hit);
  }
}

function energy(svg, report, x) {
  const { energy: values, rate, start } = report.series;
  if (!values?.length) return;
  const most = Math.max(...values.filter((value) => value !== null), 1e-9);
  const at = (index) => x(start + index / rate);
  const points = values.map((value, index) => `${at(index)},${128 - 90 * ((value ?? 0) / most)}`);
  svg.append(
    element("polygon", {
      class: "tl-energy",
      points: `${at(0)},128 ${points.join(" ")} ${at(values.length - 1)},128`,
    }),
  );
}

function confidence(svg, pose, x) {
  if (!pose) return;
  const points = pose.t.map((time, index) => {
    const seen = pose.visibility[index];
    const mean = seen ? seen.reduce((sum, one) => sum + one, 0) / seen.length / 1000 : 0;
    return `${x(time / 1e6)},${128 - 90 * mean}`;
  });
  svg.append(element("polyline", { class: "tl-confidence", points: points.join(" ") }));
}

function steps(svg, report, x) {
  for (const step of report.steps ?? []) {
    const box = element("rect", {
      class: "tl-step", x: x(step.start), y: 138, width: Math.max(1, x(step.end) - x(step.start)), height: 32, rx: 4,
    });
    box.append(label(`${step.number}. ${step.name} (${step.start.toFixed(1)} to ${step.end.toFixed(1)} s)`));
    svg.append(box);
  }
}

// Names in the boxes are laid over as text of their own: letters must not be stretched with the drawing.
function names(host, report, duration) {
  for (const step of report.steps ?? []) {
    const name = document.createElement("span");
    name.className = "tl-name";
    name.textContent = `${step.number}. ${step.name}`;
    name.style.left = `${(100 * step.start) / duration}%`;
    name.style.width = `${(100 * (step.end - step.start)) / duration}%`;
    host.append(name);
  }
}

/** Draw it into `host`. Returns a function that moves the line of the present, and frees what was taken. */
export function draw(host, { report, pose }, video) {
  host.replaceChildren();
  if (!report) return { show: () => {}, free: () => {} };
  const duration = report.video.duration;
  const x = (time) => (WIDTH * time) / duration;
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  energy(svg, report, x);
  beats(svg, report, x);
  confidence(svg, pose, x);
  steps(svg, report, x);
  const head = element("line", { class: "tl-head", x1: 0, x2: 0, y1: 0, y2: HEIGHT, "vector-effect": "non-scaling-stroke" });
  svg.append(head);
  host.append(svg);
  names(host, report, duration);
  host.setAttribute("aria-valuemax", duration.toFixed(1));

  const seek = (event) => {
    const box = host.getBoundingClientRect();
    video.currentTime = Math.min(duration, Math.max(0, ((event.clientX - box.left) / box.width) * duration));
  };
  const press = (event) => {
    host.setPointerCapture(event.pointerId);
    seek(event);
  };
  const drag = (event) => event.buttons && seek(event);
  host.addEventListener("pointerdown", press);
  host.addEventListener("pointermove", drag);
  return {
    show(time) {
      head.setAttribute("x1", x(time));
      head.setAttribute("x2", x(time));
      host.setAttribute("aria-valuenow", time.toFixed(1));
    },
    free() {
      host.removeEventListener("pointerdown", press);
      host.removeEventListener("pointermove", drag);
    },
  };
}
