// The skeleton over the video, from the stored movement: landmarks at 15 Hz, between which it glides.

// Which of the 33 landmarks are joined; the left side of the body, the right side, and what is in the middle.
const LIMBS = {
  left: [[11, 13], [13, 15], [15, 19], [23, 25], [25, 27], [27, 31], [27, 29], [29, 31]],
  right: [[12, 14], [14, 16], [16, 20], [24, 26], [26, 28], [28, 32], [28, 30], [30, 32]],
  middle: [[11, 12], [23, 24], [11, 23], [12, 24], [0, 11], [0, 12]],
};
const COLOURS = { left: "#4ade80", right: "#fb923c", middle: "#f5f3ff" };
const SCALE = 100000; // units of the stored landmarks in a picture's height
const SEEN = 300; // of 1000: below this a landmark is a guess and not drawn

function before(times, moment) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= moment) low = middle;
    else high = middle - 1;
  }
  return low;
}

function pointsAt(pose, seconds) {
  const moment = seconds * 1e6;
  const at = before(pose.t, moment);
  const here = pose.xy[at];
  if (!here) return null;
  const next = pose.xy[at + 1] ?? here;
  const span = (pose.t[at + 1] ?? pose.t[at]) - pose.t[at];
  const share = span > 0 ? Math.min(1, Math.max(0, (moment - pose.t[at]) / span)) : 0;
  return here.map((value, index) => (value + share * (next[index] - value)) / SCALE);
}

/** Draw the body at this time; the canvas lies exactly over the picture. */
export function drawSkeleton(canvas, video, pose, seconds) {
  const context = canvas.getContext("2d");
  const { offsetLeft, offsetTop, clientWidth, clientHeight } = video;
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(clientWidth * ratio) || canvas.height !== Math.round(clientHeight * ratio)) {
    canvas.width = Math.round(clientWidth * ratio);
    canvas.height = Math.round(clientHeight * ratio);
  }
  Object.assign(canvas.style, {
    left: `${offsetLeft}px`, top: `${offsetTop}px`, width: `${clientWidth}px`, height: `${clientHeight}px`,
  });
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const points = pose && pointsAt(pose, seconds);
  if (!points || !video.videoWidth) return;
  // The picture is as large as fits into the element.
  const scale = Math.min(canvas.width / video.videoWidth, canvas.height / video.videoHeight);
  const height = video.videoHeight * scale;
  context.translate((canvas.width - video.videoWidth * scale) / 2, (canvas.height - height) / 2);
  const seen = pose.visibility[before(pose.t, seconds * 1e6)] ?? [];
  context.lineCap = "round";
  for (const [side, limbs] of Object.entries(LIMBS)) {
    for (const [width, colour] of [[6, "rgba(0, 0, 0, .55)"], [3, COLOURS[side]]]) {
      context.lineWidth = width * ratio;
      context.strokeStyle = colour;
      context.beginPath();
      for (const [one, other] of limbs) {
        if (Math.min(seen[one] ?? 0, seen[other] ?? 0) < SEEN) continue;
        context.moveTo(points[2 * one] * height, points[2 * one + 1] * height);
        context.lineTo(points[2 * other] * height, points[2 * other + 1] * height);
      }
      context.stroke();
    }
  }
}
