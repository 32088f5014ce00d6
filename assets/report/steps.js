// Moves between the steps of a page: templates in and out of <main>, title, focus, errors, fields.
// What was typed stays in the step it was typed in, kept aside as nodes, so that going back loses nothing.

import { words } from "./words.js";

const main = () => document.getElementById("main-content");

export class Steps {
  constructor(live) {
    const suffix = /( [–|-] [^–|-]*)$/.exec(document.title);
    this.titleEnd = suffix ? suffix[1] : "";
    this.kept = new Map([[live, null]]);
    this.current = live;
    document.addEventListener("click", (event) => {
      const back = event.target.closest?.("#main-content [data-back]");
      if (back === null || back === undefined) return;
      event.preventDefault();
      this.show(back.dataset.back);
      // Where the way without scripts would jump to.
      focusOn(new URL(back.formAction ?? "", location.href).hash.slice(1));
    });
  }

  get root() {
    return main();
  }

  // Puts a step into <main>, from where it was kept or else fresh from its template.
  show(step, fill = () => {}) {
    this.clearErrors();
    if (this.current !== undefined) this.kept.set(this.current, [...main().childNodes]);
    const kept = this.kept.get(step);
    main().replaceChildren(...(kept ?? [fresh(step)]));
    this.current = step;
    withoutAutocomplete();
    fill(main());
    if (!kept) startComponentsIn(main());
    this.announce();
  }

  // Shows a step as its template has it, whatever was typed into it before.
  restart(step, fill) {
    if (this.current === step) this.current = undefined;
    this.drop(step);
    this.show(step, fill);
  }

  // Forgets a step, so that the next showing begins from its template.
  drop(step) {
    for (const node of this.kept.get(step) ?? []) clearFields(node);
    this.kept.delete(step);
  }

  announce({ error = false } = {}) {
    const heading = main().querySelector("h1");
    if (heading === null) return;
    document.title = (error ? words.errorPrefix : "") + heading.textContent.trim() + this.titleEnd;
    if (error) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  // The form of the current step whose submission leads to `next`.
  form(next) {
    return main().querySelector(`form[data-next="${next}"]`);
  }

  // Shows problems in a summary and beside their fields: [{message, field?}].
  showErrors(problems) {
    this.clearErrors();
    const part = document.querySelector('template[data-part="errors"]');
    const summary = document.createElement("div");
    summary.dataset.candourSummary = "";
    summary.append(document.importNode(part.content, true));
    summary.querySelector("ul").replaceChildren(...problems.map(({ message, field }) => summaryItem(message, field)));
    main().prepend(summary);
    for (const { message, field } of problems) if (field) markField(field, message);
    this.announce({ error: true });
    startComponentsIn(summary);
    const box = summary.firstElementChild;
    box.tabIndex = -1;
    box.focus();
  }

  clearErrors() {
    main().querySelector("[data-candour-summary], .govuk-error-summary")?.remove();
    for (const message of main().querySelectorAll("[data-candour-error]")) {
      const group = message.closest(".govuk-form-group");
      group?.classList.remove("govuk-form-group--error");
      for (const field of group?.querySelectorAll("[aria-describedby]") ?? []) {
        const others = field.getAttribute("aria-describedby").split(" ").filter((id) => id !== message.id);
        if (others.length > 0) field.setAttribute("aria-describedby", others.join(" "));
        else field.removeAttribute("aria-describedby");
        field.classList.remove("govuk-input--error", "govuk-textarea--error", "govuk-file-upload--error");
      }
      message.remove();
    }
  }

  // Empties every field and forgets every step: nothing must come back with the Back button.
  clear() {
    for (const nodes of this.kept.values()) for (const node of nodes ?? []) clearFields(node);
    this.kept.clear();
    clearFields(main());
    main().replaceChildren();
  }
}

// page.js listens, and starts GOV.UK Frontend's components in what came in.
function startComponentsIn(element) {
  element.dispatchEvent(new CustomEvent("candour:step", { bubbles: true }));
}

function fresh(step) {
  const template = document.querySelector(`template[data-step="${step}"]`);
  if (template === null) throw new Error(`the page has no step “${step}”`);
  return document.importNode(template.content, true);
}

function focusOn(id) {
  const field = id === "" ? null : document.getElementById(id);
  field?.scrollIntoView();
  field?.focus();
}

// A browser that remembers fields would bring text back after the page was left.
export function withoutAutocomplete() {
  for (const form of main().querySelectorAll("form")) form.autocomplete = "off";
}

function clearFields(node) {
  for (const form of node.querySelectorAll?.("form") ?? []) form.reset();
  for (const field of node.querySelectorAll?.("input:not([type=hidden]), textarea, select") ?? []) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else field.value = "";
  }
}

function summaryItem(message, field) {
  const item = document.createElement("li");
  if (field?.id) {
    const link = document.createElement("a");
    link.href = `#${field.id}`;
    link.textContent = message;
    item.append(link);
  } else {
    item.textContent = message;
  }
  return item;
}

function markField(field, message) {
  const group = field.closest(".govuk-form-group");
  if (group === null) return;
  const fieldset = group.querySelector("fieldset");
  const described = fieldset ?? field;
  const note = document.createElement("p");
  note.className = "govuk-error-message";
  note.id = `${field.id}-candour-error`;
  note.dataset.candourError = "";
  const hidden = document.createElement("span");
  hidden.className = "govuk-visually-hidden";
  hidden.textContent = words.errorPrefix.trim();
  note.append(hidden, " ", message);
  group.classList.add("govuk-form-group--error");
  if (field.matches("textarea")) field.classList.add("govuk-textarea--error");
  if (field.matches("input[type=text], input:not([type])")) field.classList.add("govuk-input--error");
  described.setAttribute("aria-describedby", [described.getAttribute("aria-describedby"), note.id].filter(Boolean).join(" "));
  const first = fieldset ? fieldset.querySelector(".govuk-radios, .govuk-checkboxes") : field.closest(".govuk-input__wrapper, .govuk-password-input__wrapper") ?? field;
  first.before(note);
}
