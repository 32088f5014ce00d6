// Leaving the page: a question before typed text is lost, never one when somebody must get away,
// and nothing left behind for the Back button.

export const exiting = () => document.body.classList.contains("govuk-exit-this-page-hide-content");

export function watchLeaving({ hasUnsent, clear }) {
  window.addEventListener("beforeunload", (event) => {
    if (!hasUnsent() || exiting()) return;
    event.preventDefault();
    event.returnValue = true; // for browsers before 2024
  });
  window.addEventListener("pagehide", clear);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
