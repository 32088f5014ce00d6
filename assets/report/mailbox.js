// Coming back with the receipt: the thread, and a further message.

import { Page } from "./page.js";
import { hex, isHex } from "./bytes.js";
import { enclosedIn, save } from "./enclosure.js";
import { fill, fillDates, isChosen, showIf, textOf } from "./fields.js";
import { today } from "./keyring.js";
import { exiting } from "./leaving.js";
import { asksForReview } from "./letter.js";
import { post } from "./post.js";
import { keysOf, readReceipt } from "./receipt.js";
import { Refused, refuseUnless } from "./refused.js";
import { Sending } from "./sending.js";
import { KeyringSource } from "./sources.js";
import { arrange, deskFor, openEntries, wentElsewhere } from "./thread.js";
import { showThread } from "./thread-view.js";
import { words } from "./words.js";

export class MailboxPage extends Page {
  constructor(root) {
    super(root, "enter");
    this.keyrings = new KeyringSource(root.dataset.signers);
  }

  get leads() {
    return { thread: (form) => this.open(form), sealing: (form) => this.send(form) };
  }

  get beside() {
    return { file: (form) => this.saveFile(form) };
  }

  async open(form) {
    const field = form.elements.receipt;
    this.keys = await keysOf(receiptIn(field));
    const keyring = await this.keyrings.current();
    const answer = await post("/mailbox/open", () => new URLSearchParams({ tag: this.keys.tag }));
    field.value = "";
    if (answer.mailbox !== this.keys.mailbox) return this.refuse(words.replaced);
    this.arranged = arrange(await openEntries(answer.entries.map(checkedEntry), this.keys, keyring));
    this.ticket = answer.ticket ?? this.ticket;
    this.namedDesk = answer.desk;
    // One number for this message: pressing send twice stores nothing twice.
    this.entry = hex(crypto.getRandomValues(new Uint8Array(16)));
    this.sending = new Sending();
    return this.showThread(answer, keyring);
  }

  showThread(answer, keyring) {
    const items = [...this.arranged.items];
    if (!this.arranged.concern) items.unshift({ type: "noConcern" });
    else if (deskFor(this.arranged, this.namedDesk, keyring).strange) items.unshift({ type: "strangeDesk" });
    if (wentElsewhere(this.arranged, this.namedDesk)) items.push({ type: "toAnotherTeam" });
    this.steps.show("thread", (root) => {
      this.files.attach(root);
      fill(root, "[data-status]", answer.status);
      fillDates(root, answer);
      const isPast = (day) => day !== null && day < today();
      const isToCome = (day) => day !== null && day >= today();
      showIf(root, {
        look_again: isToCome(answer.look_again),
        promised: isToCome(answer.promised),
        missed: isPast(answer.promised),
        closed: answer.closed,
      });
      showThread(root, items, keyring);
      // Without the first letter there is nobody to seal to that a letter vouches for.
      if (!this.arranged.concern) this.steps.form("sealing")?.remove();
    });
  }

  async saveFile(form) {
    const letter = this.arranged.items.find(({ envelope }) => envelope?.id === form.elements.enclosure.value);
    fill(form, "[data-saved]", words.fetching);
    try {
      const content = await enclosedIn(letter, this.keys);
      // She left while it came: nothing may be left behind.
      if (exiting() || this.keys === undefined) return;
      save(content);
    } catch (error) {
      fill(form, "[data-saved]", "");
      throw error;
    }
    fill(form, "[data-saved]", words.saved);
  }

  refuse(sentence) {
    this.steps.show("refused", (root) => fill(root, "[data-text]", sentence));
  }

  async send(form) {
    const text = textOf(form, "text");
    const review = isChosen(form, "review");
    const problems = this.files.problems();
    if (problems.length > 0) return this.steps.showErrors(problems);
    await this.files.prepare();
    const stored = await this.whileSealing("thread", (progress) => this.sealAndPost({ text, review }, progress));
    this.steps.drop("thread");
    this.files.clear();
    this.unsent = false;
    this.steps.show("sent", (root) => fillDates(root, stored));
    if (stored.earlier) this.steps.showErrors([{ message: words.earlierStored }]);
  }

  async sealAndPost({ text, review }, progress) {
    const keyring = await this.keyrings.current();
    const { concern, next } = this.arranged;
    const { desk } = deskFor(this.arranged, this.namedDesk, keyring);
    const readers = keyring.readers(desk, concern.left_out);
    refuseUnless(readers.length > 0, "readers", words.refusals.unknown_desk);
    const says = { ...next, desk, readers, leftOut: concern.left_out, keyring: keyring.serial, answers: review ? asksForReview : {}, text };
    return this.sending.send({
      keys: this.keys,
      says,
      recipients: keyring.recipients(readers),
      contents: this.files.contents(),
      path: "/mailbox/envelope",
      fields: { tag: this.keys.tag, entry: this.entry },
      ticket: this.ticket,
      progress,
    });
  }

  clear() {
    super.clear();
    this.keys = this.arranged = undefined;
  }
}

function receiptIn(field) {
  try {
    return readReceipt(field.value);
  } catch (error) {
    const sentence = words.receipt[error.code];
    const message = typeof sentence === "function" ? sentence(error.place) : sentence;
    throw Object.assign(new Refused(error.code === "too_long" ? "receipt" : error.code, message), { field });
  }
}

function checkedEntry({ id, side, postmark, header, head }) {
  refuseUnless(typeof id === "string" && isHex(id, 32), "unreachable", words.unexpected);
  refuseUnless(side === "reporter" || side === "desk", "unreachable", words.unexpected);
  refuseUnless(postmark === null || /^\d{4}-\d{2}-\d{2}$/.test(postmark), "unreachable", words.unexpected);
  return { id, side, postmark, header, head };
}
