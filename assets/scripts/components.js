// Starts GOV.UK Frontend's components. The classes it asks for on <body> are set here and not by an
// inline script, so that the content security policy needs neither a hash nor a nonce.

import { CharacterCount } from "govuk-frontend/dist/govuk/components/character-count/character-count.mjs";
import { Checkboxes } from "govuk-frontend/dist/govuk/components/checkboxes/checkboxes.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { NotificationBanner } from "govuk-frontend/dist/govuk/components/notification-banner/notification-banner.mjs";
import { PasswordInput } from "govuk-frontend/dist/govuk/components/password-input/password-input.mjs";
import { Radios } from "govuk-frontend/dist/govuk/components/radios/radios.mjs";
import { ServiceNavigation } from "govuk-frontend/dist/govuk/components/service-navigation/service-navigation.mjs";
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";
import { createAll } from "govuk-frontend/dist/govuk/init.mjs";

export const contentComponents = [
  [CharacterCount],
  [Checkboxes],
  [ErrorSummary],
  [NotificationBanner],
  [PasswordInput],
  [Radios],
];

export const frameComponents = [[ServiceNavigation], [SkipLink]];

export function markSupport() {
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
}

export function startComponents(components, scope) {
  for (const [Component, settings] of components) createAll(Component, settings, { scope });
}
