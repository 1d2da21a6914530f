// Asking for a reason, and the help. Both are plain <dialog>s: Esc closes them, and the focus stays inside.

const ask = document.getElementById("ask");
const help = document.getElementById("help");
let answer = null;

for (const dialog of [ask, help]) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}

export const isOpen = () => ask.open || help.open;
export const openHelp = () => help.showModal();

/** Ask why; resolves with { reason, template, days }, or null when the moderator thinks better of it. */
export function askReason({ name, label, explanation }) {
  const form = ask.querySelector("form");
  form.reset();
  document.getElementById("ask-title").textContent = label;
  document.getElementById("ask-explanation").textContent = explanation;
  document.getElementById("ask-days").hidden = name !== "suspend";
  document.getElementById("ask-wrong").hidden = true;
  document.getElementById("ask-go").firstChild.textContent = `${label} `;
  ask.showModal();
  (form.querySelector("[name=template]") ?? form.elements.reason).focus();
  return new Promise((resolve) => (answer = resolve));
}

function give() {
  const form = ask.querySelector("form");
  const found = new FormData(form);
  const given = { reason: found.get("reason").trim(), template: found.get("template") ?? "", days: found.get("days") };
  if (!given.reason && !given.template) {
    document.getElementById("ask-wrong").hidden = false;
    return;
  }
  const resolve = answer;
  answer = null;
  ask.close();
  resolve(given);
}

ask.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  give();
});
ask.addEventListener("close", () => {
  answer?.(null);
  answer = null;
});
ask.addEventListener("keydown", (event) => {
  const writing = event.target.matches("textarea, select");
  if (event.key === "Enter" && (!event.target.matches("textarea, button") || event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    give();
  } else if (!writing && /^[1-9]$/.test(event.key)) {
    const option = ask.querySelectorAll("[name=template]")[Number(event.key) - 1];
    if (option) {
      option.checked = true;
      option.focus();
    }
  }
});
