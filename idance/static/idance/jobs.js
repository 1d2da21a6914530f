// Moves the progress bars of jobs that are not done. Asks only while such bars are on the page and the page is
// looked at; says nothing when an answer fails to come and tries again later.
(() => {
  const EVERY = 2000; // ms

  const unfinished = () => [...document.querySelectorAll("[data-job]")];

  const show = (bar, job) => {
    bar.querySelector("progress").value = job.share;
    bar.querySelector("span").textContent = job.words;
    if (job.ended) bar.removeAttribute("data-job");
    const label = bar.closest("tr")?.querySelector(".field-status span") ?? null;
    if (label && label.childElementCount === 0) label.textContent = job.state;
  };

  const ask = async () => {
    const bars = unfinished();
    if (!bars.length) return;
    if (!document.hidden) {
      const query = new URLSearchParams(bars.map((bar) => ["id", bar.dataset.job]));
      try {
        const answer = await fetch(`/admin/analysis/job/live/?${query}`, { headers: { Accept: "application/json" } });
        if (answer.ok) {
          const jobs = await answer.json();
          for (const bar of bars) if (jobs[bar.dataset.job]) show(bar, jobs[bar.dataset.job]);
        }
      } catch {
        // The server is away for a moment.
      }
    }
    setTimeout(ask, EVERY);
  };

  document.addEventListener("DOMContentLoaded", () => setTimeout(ask, EVERY));
})();
