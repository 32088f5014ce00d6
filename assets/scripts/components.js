// Starts GOV.UK Frontend's components. The classes it asks for on <body> are set here and not by an
// inline script, so that the content security policy needs neither a hash nor a nonce.

import { createAll } from "govuk-frontend/dist/govuk/init.mjs";

export function markSupport() {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
}

export function startComponents(components, scope) {
  for (const [Component, settings] of components) createAll(Component, settings, { scope });
}
