// From a letter to a stored envelope: digest the files, sign, seal, post.

import { sha256 } from "@noble/hashes/sha2.js";

import { breathe } from "./breathe.js";
import { hex } from "./bytes.js";
import { collected, seal } from "./envelope.js";
import { writeLetter } from "./letter.js";
import { parcel, slicesOf } from "./parcel.js";
import { multipart, post } from "./post.js";
import { Refused } from "./refused.js";
import { words } from "./words.js";

async function digestOf(blob) {
  const hash = sha256.create();
  for await (const slice of slicesOf(blob)) {
    hash.update(slice);
    await breathe();
  }
  return hex(hash.digest());
}

async function describe(contents) {
  const attachments = [];
  for (const { label, blob } of contents) attachments.push({ label, size: blob.size, sha256: await digestOf(blob) });
  return attachments;
}

// Reading a file that was changed or moved since it was chosen fails; say so instead of “unexpected”.
async function orFileGone(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException && ["NotReadableError", "NotFoundError"].includes(error.name)) throw new Refused("file_gone", words.fileGone);
    throw error;
  }
}

// One letter on its way. Sending it again stores nothing twice: the server knows it by its tag or entry,
// and what was sealed once is posted as it is while the letter stays the same.
export class Sending {
  constructor() {
    this.sealed = undefined;
    this.attempted = new Set();
  }

  // `says` is what the letter says beside its attachments; `progress` hears (fraction, text).
  async send({ keys, says, recipients, contents, path, fields, ticket, progress }) {
    const { letter, envelope } = await orFileGone(() => this.seal({ keys, says, recipients, contents, progress }));
    progress(1, words.sending);
    this.attempted.add(letter.digest);
    const onWait = (seconds) => progress(1, words.waiting(Math.ceil(seconds)));
    const answer = await post(path, (current) => multipart({ ticket: current, ...fields }, envelope), { ticket, onWait });
    // Stored before, and not only in these very words: an earlier version is what arrived.
    const earlier = !answer.isNew && this.attempted.size > 1;
    return { ...answer, earlier };
  }

  async seal({ keys, says, recipients, contents, progress }) {
    progress(0, words.sealing(0));
    const letter = writeLetter(keys, { ...says, attachments: await describe(contents) });
    if (this.sealed?.digest !== letter.digest) {
      const blobs = contents.map(({ blob }) => blob);
      const { stream } = parcel(letter.bytes, letter.signature, blobs, (done, length) => {
        progress(done / length, words.sealing(Math.floor((done / length) * 100)));
      });
      this.sealed = { digest: letter.digest, envelope: await collected(await seal(stream, [keys.recipient, ...recipients])) };
    }
    return { letter, envelope: this.sealed.envelope };
  }
}
