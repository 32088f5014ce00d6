// The first letter: questions, desk, writing, sealing, receipt.

import { Page } from "./page.js";
import { characters } from "./bytes.js";
import { randomBelow } from "./envelope.js";
import { chosenIn, fill, fillAnswers, fillDates, fillList, isChosen, labelsIn, textOf } from "./fields.js";
import { questions } from "./letter.js";
import { keysOf, meantWord, newEntropy, wordCount, wordsOf } from "./receipt.js";
import { Refused, refuseUnless } from "./refused.js";
import { chooseDesk } from "./routing.js";
import { Sending } from "./sending.js";
import { fetchTable, KeyringSource } from "./sources.js";
import { words } from "./words.js";

const longestAnswers = 40_000; // characters, all together

export class ReportPage extends Page {
  constructor(root) {
    super(root, "route");
    this.keyrings = new KeyringSource(root.dataset.signers);
    // Made once a page: however often “send” is pressed, the tag is the same and one concern is stored.
    this.entropy = newEntropy();
    this.sending = new Sending();
    this.offered = new Set([...root.querySelectorAll('[name="leave_out"]')].map(({ value }) => value));
  }

  get leads() {
    return {
      write: (form) => this.route(form),
      check: (form) => this.check(form),
      sealing: (form) => this.send(form),
      sent: (form) => this.proveReceipt(form),
    };
  }

  async route(form) {
    const [table, keyring] = [await fetchTable(), await this.keyrings.current()];
    const answers = { about: chosenIn(form, "about"), force: textOf(form, "force"), category: textOf(form, "category"), wish: textOf(form, "wish") };
    const leftOut = chosenIn(form, "leave_out").filter((id) => keyring.members.has(id));
    const desks = Object.fromEntries([...keyring.desks].map(([id, desk]) => [id, desk.members]));
    this.choice = { answers, leftOut, danger: textOf(form, "danger"), urgent: isChosen(form, "urgent") };
    this.labels = {
      ...Object.fromEntries(["about", "force", "category", "wish", "danger"].map((name) => [name, labelsIn(form, name).join(", ")])),
      leave_out: keyring.names(leftOut).join(", "),
    };
    const { desk, signposts } = chooseDesk(table, { answers, leftOut, desks, fallThrough: keyring.fallThrough });
    if (desk === null) return this.showOutside(signposts);
    this.desk = desk;
    this.readers = keyring.readers(this.desk, leftOut);
    // Somebody who could not be left out, because the page did not name her, must not read.
    const unknown = this.offered.size > 0 && this.readers.some((id) => !this.offered.has(id));
    refuseUnless(!unknown, "list_changed", words.listChanged);
    return this.show("write", keyring);
  }

  // Nobody here should read it: who outside can take it.
  showOutside(signposts) {
    this.steps.show("external", (root) => {
      for (const row of root.querySelectorAll("[data-signpost]")) row.hidden = !signposts.includes(row.dataset.signpost);
    });
  }

  // Shows a step with what is known by now.
  show(step, keyring) {
    const isFresh = !this.steps.kept.has(step);
    this.steps.show(step, (root) => {
      if (isFresh) this.files.attach(root);
      this.files.listIn(root);
      for (const part of root.querySelectorAll("[data-if-danger]")) part.hidden = this.choice.danger !== "yes";
      if (this.answers) fillAnswers(root, { ...this.answers, ...this.labels });
      if (!keyring) return;
      fill(root, "[data-desk-label]", keyring.desks.get(this.desk).label);
      fillList(root, "[data-readers]", keyring.names(this.readers));
    });
  }

  async check(form) {
    const answers = Object.fromEntries(questions.map((question) => [question, textOf(form, question)]));
    const total = Object.values(answers).reduce((sum, text) => sum + characters(text), 0);
    if (total > longestAnswers) throw Object.assign(new Refused("too_many", words.tooManyCharacters(total)), { field: longestField(form, answers) });
    const problems = this.files.problems();
    if (problems.length > 0) return this.steps.showErrors(problems);
    this.answers = answers;
    this.noteUrgent(form);
    await this.files.prepare();
    const keyring = await this.keyrings.current();
    return this.show("check", keyring);
  }

  // “Do not wait for the collection” may stand on any of the forms, and is for danger only.
  noteUrgent(form) {
    if (form.querySelector('input[type=checkbox][name="urgent"]') === null) return;
    this.choice.urgent = this.choice.danger === "yes" && isChosen(form, "urgent");
    this.labels.urgent = this.choice.urgent ? labelsIn(form, "urgent").join(", ") : "";
  }

  async send(form) {
    this.noteUrgent(form);
    this.stored = await this.whileSealing("check", (progress) => this.sealAndPost(progress));
    // Stored: what was written has no business on this page any longer.
    for (const step of ["route", "write", "check"]) this.steps.drop(step);
    this.answers = undefined;
    this.files.clear();
    this.showReceipt();
    if (this.stored.earlier) this.remark(words.earlierStored);
  }

  async sealAndPost(progress) {
    const keyring = await this.keyrings.current();
    const readers = keyring.readers(this.desk, this.choice.leftOut);
    refuseUnless(readers.join() === this.readers.join(), "readers", words.readersChanged);
    const keys = await keysOf(this.entropy);
    const { answers, danger, leftOut, urgent } = this.choice;
    const says = {
      place: 0,
      previous: "",
      desk: this.desk,
      readers,
      leftOut,
      keyring: keyring.serial,
      answers: { ...this.answers, ...answers, about: answers.about.join(" "), danger },
      text: "",
    };
    const fields = { desk: this.desk, tag: keys.tag, mailbox: keys.mailbox, urgent: urgent ? "yes" : "" };
    const contents = this.files.contents();
    const recipients = keyring.recipients(readers);
    return this.sending.send({ keys, says, recipients, contents, path: "/report/envelope", fields, ticket: this.ticket, progress });
  }

  showReceipt() {
    const receipt = wordsOf(this.entropy);
    this.asked = twoPlaces();
    this.steps.restart("receipt", (root) => {
      fillList(root, "ol[data-words]", receipt);
      fillDates(root, this.stored);
      this.asked.forEach((place, at) => fill(root, `[data-ask="${at + 1}"]`, String(place + 1)));
      this.turnReceipt("words");
      for (const button of root.querySelectorAll("button[data-show]")) {
        button.hidden = false;
        button.addEventListener("click", (event) => {
          event.preventDefault();
          this.turnReceipt(button.dataset.show, { focus: true });
        });
      }
    });
  }

  // Words or questions, never both: words still in sight prove nothing about the copy.
  turnReceipt(shown, { focus = false } = {}) {
    for (const part of this.steps.root.querySelectorAll("[data-shown]")) {
      part.hidden = part.dataset.shown !== shown;
      if (part.hidden || !focus) continue;
      const target = part.querySelector("h1, h2, h3, label") ?? part;
      target.tabIndex = -1;
      target.focus();
    }
  }

  async proveReceipt(form) {
    const receipt = wordsOf(this.entropy);
    const right = this.asked.every((place, at) => meantWord(textOf(form, `word_${at + 1}`).trim()) === receipt[place]);
    if (!right) {
      this.showReceipt();
      return this.steps.showErrors([{ message: words.wordsDiffer }]);
    }
    this.steps.show("sent", (root) => fillDates(root, this.stored));
    this.steps.drop("receipt");
    this.entropy.fill(0);
    this.unsent = false;
    return undefined;
  }

  // A sentence that no template foresees, under the heading.
  remark(text) {
    const note = document.createElement("p");
    note.className = "govuk-inset-text";
    note.textContent = text;
    this.steps.root.querySelector("h1").after(note);
  }

  clear() {
    super.clear();
    this.entropy.fill(0);
    this.answers = this.choice = this.labels = undefined;
    this.sending = new Sending();
  }
}

function longestField(form, answers) {
  const [longest] = Object.keys(answers).sort((one, other) => answers[other].length - answers[one].length);
  return form.elements[longest];
}

function twoPlaces() {
  const first = randomBelow(wordCount);
  const second = (first + 1 + randomBelow(wordCount - 1)) % wordCount;
  return [first, second].sort((one, other) => one - other);
}
