// The files somebody adds: chosen, labelled, cleaned, listed. Their names are shown to her and go nowhere.

import { copyOf, fillList, span, tidy } from "./fields.js";
import { longestLabel, mostAttachments } from "./letter.js";
import { cleaned, isPicture } from "./pictures.js";
import { sizeInWords, words } from "./words.js";

const largestFile = 32 * 1024 * 1024;
const largestTogether = 64 * 1024 * 1024;

export class Files {
  constructor() {
    this.items = [];
    this.numbered = 0;
  }

  // Takes over the file field of a step that has just been shown for the first time.
  attach(root) {
    const area = root.querySelector("[data-scripts-files]");
    if (area === null) return;
    for (const plain of root.querySelectorAll("[data-plain-files]")) plain.remove();
    area.hidden = false;
    this.field = area.querySelector("input[type=file]");
    this.list = area.querySelector("[data-chosen]");
    this.template = area.querySelector('template[data-part="file"]');
    this.field.addEventListener("change", () => {
      for (const file of this.field.files) this.add(file);
      // Emptied, so that the same file can be chosen again after it was removed.
      this.field.value = "";
    });
  }

  add(file) {
    const item = { file, number: ++this.numbered, nodes: [], note: "" };
    this.items.push(item);
    if (!this.list || !this.template) return;
    const copy = copyOf(this.template, item.number);
    this.show(item, copy);
    item.nodes = [...copy.childNodes];
    this.list.append(copy);
  }

  show(item, copy) {
    const part = (name) => copy.querySelector(`[data-${name}]`);
    if (part("name")) part("name").textContent = item.file.name;
    if (part("size")) part("size").textContent = sizeInWords(item.file.size);
    if (part("label")) part("label").maxLength = longestLabel;
    item.labelField = part("label");
    item.cleanField = part("clean");
    if (!isPicture(item.file)) {
      (item.cleanField?.closest(".govuk-checkboxes") ?? item.cleanField)?.remove();
      item.cleanField = null;
      if (part("note")) part("note").textContent = words.noPicture;
    }
    part("remove")?.addEventListener("click", () => this.remove(item));
  }

  remove(item) {
    this.items = this.items.filter((other) => other !== item);
    for (const node of item.nodes) node.remove();
    this.field.focus();
  }

  label(item, place) {
    const typed = tidy(item.labelField?.value ?? "").split(/\s+/).join(" ");
    return [...typed].slice(0, longestLabel).join("") || words.unnamedFile(place + 1);
  }

  problems() {
    const field = this.field;
    const problems = [];
    if (this.items.length > mostAttachments) problems.push({ message: words.tooManyFiles, field });
    for (const { file } of this.items) {
      if (file.size > largestFile) problems.push({ message: words.fileTooLarge(file.name), field });
      if (file.size === 0) problems.push({ message: words.fileEmpty(file.name), field });
    }
    const together = this.items.reduce((sum, { file }) => sum + file.size, 0);
    if (together > largestTogether) problems.push({ message: words.filesTooLarge, field });
    return problems;
  }

  // Removes hidden data where it was asked for, and notes what was done or could not be.
  async prepare() {
    for (const item of this.items) {
      const wanted = isPicture(item.file) && (item.cleanField?.checked ?? true);
      if (wanted && item.cleanedBlob) continue;
      item.cleanedBlob = undefined;
      item.note = isPicture(item.file) ? words.hiddenDataKept : words.noPicture;
      if (!wanted) continue;
      try {
        item.cleanedBlob = await cleaned(item.file);
        item.note = words.hiddenDataRemoved;
      } catch (error) {
        item.note = words.hiddenDataStuck(error.message);
      }
    }
  }

  contents() {
    return this.items.map((item, place) => ({ label: this.label(item, place), blob: item.cleanedBlob ?? item.file }));
  }

  listIn(root) {
    const lines = this.items.map((item, place) => [
      this.label(item, place),
      span("cd-files__size", sizeInWords((item.cleanedBlob ?? item.file).size)),
      span("cd-files__note", item.note),
    ]);
    fillList(root, "[data-files]", lines.length > 0 ? lines : [words.notProvided]);
  }

  clear() {
    for (const item of [...this.items]) for (const node of item.nodes) node.remove();
    this.items = [];
  }
}
