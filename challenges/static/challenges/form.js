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

document.addEventListener("DOMContentLoaded", () => {
  watchCriteria();
  document.querySelectorAll("input[data-chips]").forEach(showChips);
  document.querySelectorAll(".media-field").forEach(showChosen);
});
