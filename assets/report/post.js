// Talking to the server. Only the fields of docs/intake-protocol.md leave this page; no cookie, no address of a page.

import { fromUtf8 } from "./bytes.js";
import { pause } from "./breathe.js";
import { parseStrictly } from "./json.js";
import { Refused } from "./refused.js";
import { words } from "./words.js";

const patience = 4; // times a busy server is asked again
const longestWait = 60; // seconds

// `omit` keeps the cookie of a handler who reports something herself out of it.
const quietly = { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" };

async function ask(path, settings) {
  try {
    return await fetch(path, { ...quietly, ...settings });
  } catch {
    throw new Refused("unreachable", words.unreachable);
  }
}

export async function fetchBytes(path) {
  return bytesOf(await ask(path, { method: "GET" }));
}

async function bytesOf(response) {
  if (!response.ok) throw refusal(response.status, await answerOf(response));
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Refused("unreachable", words.unreachable);
  }
}

// Asks for what is sealed: bytes, and no words.
export async function postForBytes(path, body) {
  return bytesOf(await ask(path, { method: "POST", body }));
}

async function answerOf(response) {
  try {
    return parseStrictly(fromUtf8(new Uint8Array(await response.arrayBuffer())));
  } catch {
    throw new Refused("unreachable", words.unreachable);
  }
}

function refusal(status, answer) {
  return new Refused(answer.error ?? "unexpected", words.refusals[answer.error] ?? (status === 413 ? words.refusals.too_large : words.unexpected));
}

// Posts what `makeBody(ticket)` makes, and returns the answer and whether it was new.
// A stale ticket is exchanged once; a busy server is asked again after the time it named.
export async function post(path, makeBody, { ticket = "", onWait = () => {} } = {}) {
  let current = ticket;
  let exchanged = false;
  for (let attempt = 0; ; attempt++) {
    const response = await ask(path, { method: "POST", body: makeBody(current) });
    const answer = await answerOf(response);
    if (response.ok) return { ...answer, isNew: response.status === 201 };
    if (typeof answer.ticket === "string") current = answer.ticket;
    if (answer.error === "stale_ticket" && !exchanged) {
      exchanged = true;
    } else if (answer.error === "busy" && attempt < patience) {
      const seconds = waitOf(response);
      onWait(seconds);
      await pause(seconds);
    } else {
      throw refusal(response.status, answer);
    }
  }
}

function waitOf(response) {
  const named = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  // Some chance in it, or all who were turned away would come back in the same second.
  return Math.min(longestWait, Math.max(1, named || 5)) + crypto.getRandomValues(new Uint8Array(1))[0] / 128;
}

// The same in every post: a browser's own boundary is new each time, and the server would build
// its patterns anew for each, at a third of what a post costs it. Ciphertext does not hold it.
const boundary = "candour-8f1d0c6e7b5a49f2a3c4d5e6f7081923";

// Multipart, in the order the protocol names; the file has the same name for everybody.
export function multipart(fields, envelope) {
  const parts = [];
  for (const [name, value] of Object.entries(fields)) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  }
  parts.push(
    `--${boundary}\r\nContent-Disposition: form-data; name="envelope"; filename="envelope"\r\n` +
      "Content-Type: application/octet-stream\r\n\r\n",
    envelope,
    `\r\n--${boundary}--\r\n`,
  );
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}
