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
