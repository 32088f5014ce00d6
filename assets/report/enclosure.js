// A file that the desk sent with a letter: fetched sealed, opened and checked here, and given to the browser to save.

import { digest, fromBase64, hex } from "./bytes.js";
import { openWhole } from "./envelope.js";
import { enclosing } from "./padding.js";
import { readParcel } from "./parcel.js";
import { postForBytes } from "./post.js";
import { Refused, refuseUnless } from "./refused.js";
import { words } from "./words.js";

// As in app/intake/enclosures.py.
const kinds = [
  { begins: "%PDF-", ending: "pdf", type: "application/pdf" },
  { begins: "\xff\xd8\xff", ending: "jpg", type: "image/jpeg" },
  { begins: "\x89PNG\r\n\x1a\n", ending: "png", type: "image/png" },
];
const plain = { ending: "txt", type: "text/plain;charset=utf-8" };
const longestLoad = 60_000; // milliseconds that a browser may take to begin saving

// Returns the bytes of the one file in a letter that was verified when the mailbox was opened.
export async function enclosedIn(letter, keys) {
  const body = new URLSearchParams({ tag: keys.tag, entry: letter.envelope.id });
  const payload = await sealedBytes(body);
  try {
    const parcel = await openWhole(fromBase64(letter.envelope.header), payload, keys.identity);
    return contentOf(readParcel(parcel, enclosing), letter);
  } catch (error) {
    if (error instanceof Refused) throw new Refused("file", words.fileRefused);
    throw error;
  }
}

async function sealedBytes(body) {
  try {
    return await postForBytes("/mailbox/enclosure", body);
  } catch (error) {
    if (error.code === "no_mailbox") throw new Refused("file", words.fileGone);
    throw error;
  }
}

// Whoever answers may have put another letter in its place: it has to be the one that was shown.
export function contentOf({ letter: bytes, contents }, letter) {
  refuseUnless(hex(digest(bytes)) === letter.digest, "misplaced", "the file is of another letter");
  const [named] = letter.attachments;
  const [content] = contents;
  refuseUnless(contents.length === letter.attachments.length && content.length === named.size, "parcel", "the file has another size");
  refuseUnless(hex(digest(content)) === named.sha256, "parcel", "the file is not the one that the letter names");
  return content;
}

export function kindOf(content) {
  const beginning = String.fromCharCode(...content.subarray(0, 8));
  return kinds.find(({ begins }) => beginning.startsWith(begins)) ?? plain;
}

export function save(content) {
  const { ending, type } = kindOf(content);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = `file.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), longestLoad);
}
