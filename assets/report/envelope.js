// The envelope: an age file with sixteen post-quantum hybrid stanzas, decoys among them
// (docs/envelope-spec.md, section 3). All sealing and opening is age-encryption's.

import { base64nopad } from "@scure/base";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient, Stanza } from "age-encryption";

import { breathe } from "./breathe.js";
import { concat, digest, fromUtf8, utf8 } from "./bytes.js";
import { recipientBytes } from "./receipt.js";
import { Refused, refuseUnless } from "./refused.js";

const stanzaCount = 16;
const stanzaType = "mlkem768x25519";
const nonceBytes = 16;
const chunkBytes = 65_536 + 16;
const hybridStanza = /^-> mlkem768x25519 ([A-Za-z0-9+/]+)\n([A-Za-z0-9+/]{43})\n/;

// A recipient that nobody can ever open for: its identity is forgotten here.
async function throwAwayRecipient() {
  return identityToRecipient(await generateHybridIdentity());
}

// A decoy is the stanza of another, empty file: a random file key, sealed as any is, to nobody.
async function decoy(recipient) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const file = await encrypter.encrypt(new Uint8Array(0));
  const header = String.fromCharCode(...file.subarray(0, 2048));
  const [, share, body] = hybridStanza.exec(header.slice(header.indexOf("\n") + 1));
  return new Stanza([stanzaType, share], base64nopad.decode(body));
}

// A fair number from 0 to `below` - 1: what would favour small numbers is drawn again.
export function randomBelow(below) {
  const limit = 2 ** 32 - (2 ** 32 % below);
  const [drawn] = crypto.getRandomValues(new Uint32Array(1));
  return drawn < limit ? drawn % below : randomBelow(below);
}

export function shuffled(items) {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = randomBelow(at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

// Where among the stanzas a recipient looks first in her own thread.
export const placeOf = (recipient) => digest(utf8("candour/place/v1\0"), recipientBytes(recipient))[0] % stanzaCount;

// Seals a stream of plaintext to `recipients` and returns a stream of the file. The first of them
// is the reporter, who finds her stanza at her place; what others there are is shuffled around it.
// age keeps the order in which recipients are added.
export async function seal(plaintext, recipients) {
  refuseUnless(new Set(recipients).size === recipients.length, "readers", "a reader stands twice");
  refuseUnless(recipients.length >= 1 && recipients.length <= stanzaCount, "readers", "there are no readers, or too many");
  const nobody = await throwAwayRecipient();
  const stanzas = [...recipients];
  while (stanzas.length < stanzaCount) {
    const stanza = await decoy(nobody);
    stanzas.push({ wrapFileKey: () => [stanza] });
    await breathe();
  }
  const encrypter = new Encrypter();
  const [reporter, ...others] = stanzas;
  const order = shuffled(others);
  order.splice(placeOf(reporter), 0, reporter);
  for (const stanza of order) encrypter.addRecipient(stanza);
  return encrypter.encrypt(plaintext);
}

const gathered = 64; // chunks, 4 MiB

// Collects a stream into a Blob, giving the page a turn now and then. Blobs of some chunks each
// leave the page's memory early, and making the last one copies nothing.
export async function collected(stream) {
  const reader = stream.getReader();
  const whole = [];
  let parts = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return new Blob([...whole, ...parts], { type: "application/octet-stream" });
    parts.push(value);
    if (parts.length % 16 === 0) await breathe();
    if (parts.length === gathered) {
      whole.push(new Blob(parts));
      parts = [];
    }
  }
}

// age-encryption would skip a stanza of another type; a header that holds one is not ours.
function refuseForeignHeader(header) {
  const lines = fromUtf8(header).split("\n");
  const stanzas = lines.filter((line) => line.startsWith("-> "));
  refuseUnless(lines[0] === "age-encryption.org/v1", "header", "this is not an envelope");
  refuseUnless(stanzas.every((line) => line.startsWith(`-> ${stanzaType} `)), "header", "the envelope is also sealed to a reader of another kind");
  refuseUnless(stanzas.length === stanzaCount, "header", "the envelope has an unusual number of seals");
}

// Opens a whole envelope that is in memory, to its last byte.
export async function openWhole(header, payload, identity) {
  refuseForeignHeader(header);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(concat(header, payload));
  } catch (error) {
    throw new Refused("unopened", `the envelope does not open: ${error.message}`);
  }
}

// Opens the first chunk of an envelope. `head` is the nonce and as much of the payload as the
// server gave: enough to tell whether the first chunk is the last.
export async function openFirstChunk(header, head, identity) {
  refuseForeignHeader(header);
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const onlyChunk = head.length <= nonceBytes + chunkBytes;
  const file = new ReadableStream({
    start(controller) {
      controller.enqueue(concat(header, head));
      // Left open where more chunks follow: closing would ask for the last one's mark.
      if (onlyChunk) controller.close();
    },
  });
  try {
    const reader = (await decrypter.decrypt(file)).getReader();
    const { value } = await reader.read();
    reader.cancel().catch(() => {});
    return { chunk: value, whole: onlyChunk };
  } catch (error) {
    throw new Refused("unopened", `the envelope does not open: ${error.message}`);
  }
}
