// Shows a thread: letters from the page's own templates, filled with text and nothing else.

import { fill, span } from "./fields.js";
import { questions } from "./letter.js";
import { dateInWords, sizeInWords, words } from "./words.js";

const part = (root, name) => (root.querySelector(`template[data-part="${name}"]`) ?? document.querySelector(`template[data-part="${name}"]`));

export function showThread(root, items, keyring) {
  const nodes = items.map((item) => (item.type === "letter" ? letterNode(root, item, keyring) : warningNode(root, item)));
  root.querySelector("[data-thread]").replaceChildren(...nodes);
}

function warningNode(root, item) {
  const copy = document.importNode(part(root, "warning").content, true);
  const sentence = words[item.type];
  fill(copy, "[data-text]", typeof sentence === "function" ? sentence(item) : sentence);
  return copy;
}

function letterNode(root, letter, keyring) {
  const copy = document.importNode(part(root, "entry").content, true);
  const box = copy.firstElementChild;
  box.classList.add(`cd-letter--${letter.side}`);
  if (letter.postmark === null) box.classList.add("cd-letter--waiting");
  fill(copy, "[data-from]", letter.side === "reporter" ? words.you : keyring.person(letter.author).name);
  fill(copy, "[data-when]", letter.postmark === null ? words.waitingForCollection : dateInWords(letter.postmark));
  for (const text of copy.querySelectorAll("[data-text]")) text.replaceChildren(...contentOf(root, letter));
  for (const files of copy.querySelectorAll("[data-attachments]")) showAttachments(files, letter.attachments);
  const enclosure = copy.querySelector("[data-enclosure]");
  if (letter.side === "desk" && letter.attachments.length > 0) showEnclosure(enclosure, letter);
  else enclosure.remove();
  return copy;
}

function showEnclosure(form, letter) {
  form.elements.enclosure.value = letter.envelope.id;
  fill(form, "[data-enclosed]", letter.attachments[0].label);
}

function contentOf(root, letter) {
  if (letter.kind !== "concern") return letter.answers.asks === undefined ? [letter.text] : [span("cd-letter__question", words.review), "\n", letter.text];
  const headings = part(root, "questions")?.content;
  const nodes = [];
  for (const question of questions) {
    const answer = letter.answers[question];
    if (answer.trim() === "") continue;
    const heading = headings?.querySelector(`[data-question="${question}"]`)?.textContent.trim();
    if (nodes.length > 0) nodes.push("\n\n");
    if (heading) nodes.push(span("cd-letter__question", heading), "\n");
    nodes.push(answer);
  }
  return nodes;
}

function showAttachments(element, attachments) {
  if (attachments.length === 0) return element.remove();
  const items = attachments.map(({ label, size }) => {
    const item = document.createElement(element.matches("ul, ol") ? "li" : "span");
    item.textContent = `${label} (${sizeInWords(size)})`;
    return item;
  });
  return element.replaceChildren(...items);
}
