// The clicks of a count-in, made by the browser: nothing to load, exact to the sample.
let context = null;

/** The sound, awake; null where the browser has none. Browsers wake it only after a touch or a key. */
export async function soundReady() {
  const Sound = globalThis.AudioContext;
  if (!Sound) return null;
  context ??= new Sound();
  if (context.state === "suspended") {
    // Without a touch or a key it never wakes; the dancer still sees the count.
    await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 150))]);
  }
  return context.state === "running" ? context : null;
}

/** One click at a time of the sound's own clock; the first of four is higher. */
export function clickAt(time, first) {
  const tone = context.createOscillator(), loudness = context.createGain();
  tone.frequency.value = first ? 1600 : 1100;
  loudness.gain.setValueAtTime(0.0001, time);
  loudness.gain.exponentialRampToValueAtTime(0.5, time + 0.004);
  loudness.gain.exponentialRampToValueAtTime(0.0001, time + 0.07);
  tone.connect(loudness).connect(context.destination);
  tone.start(time);
  tone.stop(time + 0.08);
}
