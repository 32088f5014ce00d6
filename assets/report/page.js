// What both pages of the sealing script share: forms that lead to steps, one piece of work at a time,
// progress, and clearing up.

import { missingIn } from "./fields.js";
import { Files } from "./files.js";
import { exiting, watchLeaving } from "./leaving.js";
import { Refused } from "./refused.js";
import { Steps, withoutAutocomplete } from "./steps.js";
import { words } from "./words.js";

export class Page {
  constructor(root, live) {
    this.steps = new Steps(live);
    this.files = new Files();
    this.ticket = root.dataset.ticket ?? "";
    this.working = false;
    this.besides = false;
    this.unsent = false;
    this.tenth = -1;
    root.addEventListener("submit", (event) => this.submitted(event));
    root.addEventListener("input", (event) => {
      if (event.target.matches("textarea")) this.unsent = true;
    });
    root.addEventListener("change", (event) => {
      if (event.target.matches("input[type=file]")) this.unsent = true;
    });
    watchLeaving({ hasUnsent: () => this.unsent, clear: () => this.clear() });
    withoutAutocomplete();
    root.dataset.candourReady = "";
  }

  // Subclasses say what a form that leads to a step does: {step: async (form) => …}.
  get leads() {
    return {};
  }

  // What a form does that leads nowhere: one at a time, and nothing else waits for it.
  get beside() {
    return {};
  }

  async submitted(event) {
    const form = event.target;
    const beside = this.beside[form.dataset.next];
    if (beside !== undefined) return void this.does(beside, event);
    const lead = this.leads[form.dataset.next];
    if (lead === undefined) return;
    event.preventDefault();
    if (this.working) return;
    const missing = missingIn(form);
    if (missing.length > 0) return void this.steps.showErrors(missing);
    this.working = true;
    this.steps.root.setAttribute("aria-busy", "true");
    try {
      await lead(form);
    } catch (error) {
      this.steps.showErrors([this.problem(error)]);
    } finally {
      this.working = false;
      this.steps.root.removeAttribute("aria-busy");
    }
  }

  async does(what, event) {
    event.preventDefault();
    if (this.besides) return;
    this.besides = true;
    try {
      await what(event.target);
    } catch (error) {
      if (!exiting()) this.steps.showErrors([this.problem(error)]);
    } finally {
      this.besides = false;
    }
  }

  problem(error) {
    if (error instanceof Refused) return { message: error.code === "too_long" ? words.tooLong : error.message, field: error.field };
    // Nothing of the error may reach a log with a reporter's words in it; the console is the reporter's own.
    console.error(error);
    return { message: words.unexpected };
  }

  progress(fraction, text) {
    const bar = this.steps.root.querySelector("[data-bar]");
    if (bar !== null) bar.value = fraction;
    const tenth = Math.floor(fraction * 10);
    // A live region that changed with every chunk would never fall silent.
    if (tenth === this.tenth && fraction > 0 && fraction < 1) return;
    this.tenth = tenth;
    for (const live of this.steps.root.querySelectorAll("[data-progress]")) live.textContent = text;
  }

  // Runs the sealing step; whatever goes wrong, the step before it comes back as it was.
  async whileSealing(before, work) {
    this.steps.show("sealing", () => this.progress(0, words.sealing(0)));
    try {
      return await work((fraction, text) => this.progress(fraction, text));
    } catch (error) {
      this.steps.show(before);
      throw error;
    } finally {
      this.steps.drop("sealing");
    }
  }

  clear() {
    this.unsent = false;
    this.files.clear();
    this.steps.clear();
  }
}
