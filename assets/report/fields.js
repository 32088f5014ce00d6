// Reading forms and filling steps. Text goes in as text only; nothing here ever makes markup of it.

import { dateInWords, words } from "./words.js";

// What is missing in a form, by the sentences its fields carry.
export function missingIn(form) {
  const problems = [];
  for (const field of form.querySelectorAll("[data-required]")) {
    const isGroup = field.matches("fieldset") || field.querySelector("input") !== null;
    const empty = isGroup ? field.querySelector("input:checked") === null : field.value.trim() === "";
    if (empty) problems.push({ message: field.dataset.required, field: isGroup ? field.querySelector("input") : field });
  }
  return problems;
}

// One kind of line end, and nothing that draws nothing: it would only tell one browser from another.
// app/intake/writing.py does the same where the server seals.
export function tidy(text) {
  const lines = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  return Array.from(lines).filter((sign) => sign >= " " || sign === "\n" || sign === "\t").join("").trim();
}

export const textOf = (form, name) => tidy(new FormData(form).get(name)?.toString() ?? "");

export const chosenIn = (form, name) => new FormData(form).getAll(name).map(String);

export const isChosen = (form, name) => chosenIn(form, name).includes("yes");

// The labels of the options chosen, for a person to read.
export function labelsIn(form, name) {
  const chosen = form.querySelectorAll(`[name="${name}"]:checked, [name="${name}"] option:checked:not([value=""])`);
  return [...chosen].map((option) => (option.labels?.[0] ?? option).textContent.trim());
}

export function fill(root, selector, text) {
  for (const element of root.querySelectorAll(selector)) element.textContent = text;
}

export function fillAnswers(root, answers) {
  for (const element of root.querySelectorAll("[data-answer]")) {
    const answer = answers[element.dataset.answer] ?? "";
    element.textContent = answer.trim() === "" ? (element.dataset.empty ?? words.notProvided) : answer;
  }
}

export function fillList(root, selector, items) {
  for (const list of root.querySelectorAll(selector)) list.replaceChildren(...items.map(listItem));
}

function listItem(content) {
  const item = document.createElement("li");
  item.append(...(Array.isArray(content) ? content : [content]));
  return item;
}

export function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

// A copy of a template, its ids made unique by a number.
export function copyOf(template, number) {
  const copy = document.importNode(template.content, true);
  for (const element of copy.querySelectorAll("[id], [for], [aria-describedby]")) {
    for (const attribute of ["id", "for", "aria-describedby"]) {
      const value = element.getAttribute(attribute);
      if (value !== null) element.setAttribute(attribute, value.split(" ").map((id) => `${id}-${number}`).join(" "));
    }
  }
  return copy;
}

export function fillDates(root, stored) {
  for (const element of root.querySelectorAll("[data-date]")) {
    const date = stored[element.dataset.date];
    if (date) element.textContent = dateInWords(date);
  }
}

// Parts of a step that stand there only in some cases.
export function showIf(root, cases) {
  for (const element of root.querySelectorAll("[data-if]")) element.hidden = !cases[element.dataset.if];
}
