// Takes over the report page or the mailbox page, if this browser can do all that sealing needs.
// Otherwise the page stays as it is, and the way without scripts is used.

import { MailboxPage } from "./mailbox.js";
import { ReportPage } from "./report.js";

const pages = {
  report: { Page: ReportPage, steps: ["write", "check", "sealing", "receipt", "sent", "external"] },
  mailbox: { Page: MailboxPage, steps: ["thread", "sealing", "sent", "refused"] },
};

function isAble() {
  return [
    globalThis.crypto?.getRandomValues,
    globalThis.ReadableStream,
    globalThis.TransformStream,
    globalThis.FormData,
    globalThis.fetch,
    globalThis.BigInt,
    globalThis.Blob?.prototype.arrayBuffer,
    ReadableStream.prototype.pipeThrough,
    String.prototype.isWellFormed,
    Object.hasOwn,
    Array.prototype.at,
  ].every((feature) => typeof feature === "function");
}

function takeOver() {
  const root = document.getElementById("main-content");
  const page = pages[root?.dataset.candour];
  if (page === undefined || !root.dataset.signers || !isAble()) return;
  const complete = page.steps.every((step) => document.querySelector(`template[data-step="${step}"]`) !== null);
  if (complete && document.querySelector('template[data-part="errors"]') !== null) new page.Page(root);
}

takeOver();
