/* The console's form of a challenge: the sum of the criteria, tags as chips, chosen files shown at once. */
"use strict";

function watchCriteria() {
  const inputs = [...document.querySelectorAll("input[data-criterion]")];
  if (!inputs.length) return;
  const sum = document.createElement("output");
  sum.className = "criteria-sum";
  sum.setAttribute("aria-live", "polite");
  inputs.at(-1).closest("fieldset, .module")?.append(sum);
  const show = () => {
    const left = 100 - inputs.reduce((all, input) => all + (Number(input.value) || 0), 0);
    sum.toggleAttribute("data-wrong", left !== 0);
    sum.textContent = left === 0 ? "Together 100." : left > 0 ? `${left} left to give.` : `${-left} too many.`;
  };
  inputs.forEach((input) => input.addEventListener("input", show));
  show();
}

function showChips(input) {
  const list = document.createElement("ul");
  list.className = "chips";
  list.setAttribute("aria-label", "Tags");
  input.after(list);
  const words = () => [...new Set(input.value.split(",").map((word) => word.trim()).filter(Boolean))];
  const show = () => {
    list.replaceChildren(...words().map((word) => {
      const chip = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `Remove ${word}`);
      remove.addEventListener("click", () => {
        input.value = words().filter((other) => other !== word).join(", ");
        show();
        input.focus();
      });
      chip.append(word, remove);
      return chip;
    }));
    list.hidden = !list.childElementCount;
  };
  input.addEventListener("input", show);
  show();
}

function showChosen(field) {
  const preview = field.querySelector("[data-media-preview]");
  field.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    // On its way down: unfold's listener at the input expects its own markup around it.
    event.stopPropagation();
    const { target } = event;
    const old = preview.firstElementChild;
    if (old) URL.revokeObjectURL(old.src);
    preview.replaceChildren();
    preview.hidden = !target.files.length;
    if (preview.hidden) return;
    const shown = document.createElement(preview.dataset.mediaPreview === "video" ? "video" : "img");
    shown.src = URL.createObjectURL(target.files[0]);
    if (shown.localName === "video") shown.controls = true;
    else shown.alt = "What you chose";
    preview.append(shown);
  }, true);
}

/* What is allowed and yet perhaps a mistake, said before it is saved; times of one zone, so no zone matters. */
function watchTimes() {
  const last = document.querySelector("input[data-shortest]");
  if (!last) return;
  const inputs = ["start_time_0", "start_time_1", "end_time_0", "end_time_1"].map((name) => document.getElementById(`id_${name}`));
  const warning = document.createElement("output");
  warning.className = "time-warning";
  warning.setAttribute("aria-live", "polite");
  last.closest("fieldset, .module")?.append(warning);
  const show = () => {
    const [startDay, startTime, endDay, endTime] = inputs.map((input) => input.value);
    const seconds = (Date.parse(`${endDay}T${endTime}Z`) - Date.parse(`${startDay}T${startTime}Z`)) / 1000;
    const { shortest, longest, tooShort, tooLong } = last.dataset;
    warning.textContent = seconds > 0 && seconds < Number(shortest) ? tooShort : seconds > Number(longest) ? tooLong : "";
    warning.hidden = !warning.textContent;
  };
  // The calendar's and the clock's links set values without an event of their own.
  inputs.forEach((input) => ["input", "change", "focus", "blur"].forEach((name) => input.addEventListener(name, show)));
  show();
}

document.addEventListener("DOMContentLoaded", () => {
  watchCriteria();
  watchTimes();
  document.querySelectorAll("input[data-chips]").forEach(showChips);
  document.querySelectorAll(".media-field").forEach(showChosen);
});
