// Short messages at the foot of the page; one may offer something to do for some seconds.

const host = document.getElementById("toasts");
const SHORT = 6;

/** Show a message. `offer`: { label, act, seconds }, and its key if it has one. Returns what takes it away again. */
export function toast(text, { offer = null, wrong = false, seconds = SHORT } = {}) {
  const box = document.createElement("div");
  box.className = wrong ? "mod-toast mod-toast-wrong" : "mod-toast";
  const said = document.createElement("span");
  said.textContent = text;
  box.append(said);
  const away = () => box.remove();
  if (offer) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = offer.key ? `${offer.label} (${offer.key})` : offer.label;
    button.addEventListener("click", offer.act);
    const left = document.createElement("i");
    left.className = "mod-toast-left";
    left.style.animationDuration = `${offer.seconds}s`;
    box.append(button, left);
  }
  host.append(box);
  setTimeout(away, 1000 * (offer ? offer.seconds : seconds));
  return away;
}
