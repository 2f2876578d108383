// Small comforts only: every page works without this file.
// An error summary takes the focus, so that a screen reader says what to put right.
const summary = document.querySelector(".nhsuk-error-summary");
if (summary) {
  summary.setAttribute("tabindex", "-1");
  summary.focus();
}
// On the tour and elsewhere a reset asks once before it happens.
for (const form of document.querySelectorAll("form[data-ask]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.ask)) event.preventDefault();
  });
}
// A page made to be printed opens the printing window from its button.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// A part of a page that was asked for again keeps the focus on the link it was on.
let held = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  const link = document.activeElement;
  held = event.detail.target.contains(link) ? link.getAttribute("href") || "" : "";
});
document.addEventListener("htmx:afterSwap", () => {
  if (held) document.querySelector(`main a[href="${CSS.escape(held)}"]`)?.focus();
});
