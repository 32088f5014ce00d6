// The parcel: a plain ustar archive, written as a stream and read from its first chunk
// (docs/envelope-spec.md, section 4). The order of files, not their names, ties them to the letter.

import { equal, utf8 } from "./bytes.js";
import { block, endOfTar, floor, paddedLength } from "./padding.js";
import { refuseUnless } from "./refused.js";

export const longestLetter = 60_000;
const longestMember = 8 * 1024 ** 3 - 1;
const signatureBytes = 64;
const sliceBytes = 1024 * 1024;

const roundedUp = (size) => Math.ceil(size / block) * block;

const checksumAt = 148;

const octal = (value, digits) => value.toString(8).padStart(digits, "0") + "\0";

// The 512 bytes before a member's content. Owner, time, links and device numbers stay empty:
// each could carry something about the person or the machine that wrote it.
export function memberHeader(name, size) {
  refuseUnless(size <= longestMember, "too_large", "a file is too large for a parcel");
  const header = new Uint8Array(block);
  const put = (at, text) => header.set(utf8(text), at);
  put(0, name);
  put(100, octal(0o600, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(0, 11));
  put(checksumAt, " ".repeat(8)); // counted as spaces
  put(156, "0");
  put(257, "ustar\x0000");
  put(checksumAt, octal(header.reduce((sum, byte) => sum + byte, 0), 6) + " ");
  return header;
}

// Returns the padded length and a stream over the whole parcel. `files` are Blobs; `onBytes` hears how far it is.
export function parcel(letter, signature, files, onBytes = () => {}) {
  const members = [["letter.json", letter], ["letter.sig", signature], ...files.map((file, at) => [`attachments/${at + 1}`, file])];
  const sizes = members.map(([, content]) => content.size ?? content.length);
  const length = paddedLength(sizes.reduce((sum, size) => sum + block + roundedUp(size), endOfTar));
  const parts = partsOf(members, sizes, length);
  let done = 0;
  const stream = new ReadableStream({
    async pull(controller) {
      const { value, done: ended } = await parts.next();
      if (ended) return controller.close();
      controller.enqueue(value);
      done += value.length;
      return onBytes(done, length);
    },
  });
  return { length, stream };
}

async function* partsOf(members, sizes, length) {
  let written = 0;
  for (const [at, [name, content]] of members.entries()) {
    yield memberHeader(name, sizes[at]);
    yield* content instanceof Blob ? slicesOf(content) : [content];
    const gap = roundedUp(sizes[at]) - sizes[at];
    if (gap > 0) yield new Uint8Array(gap);
    written += block + roundedUp(sizes[at]);
  }
  for (; written < length; written += sliceBytes) yield new Uint8Array(Math.min(sliceBytes, length - written));
}

export async function* slicesOf(blob) {
  for (let at = 0; at < blob.size; at += sliceBytes) yield new Uint8Array(await blob.slice(at, at + sliceBytes).arrayBuffer());
}

// There is one header for each name and size; a reader compares all of it.
function memberSize(header, name) {
  const digits = String.fromCharCode(...header.subarray(124, 135));
  refuseUnless(/^[0-7]{11}$/.test(digits), "parcel", "a member of the parcel has no readable size");
  const size = parseInt(digits, 8);
  refuseUnless(equal(header, memberHeader(name, size)), "parcel", "a member of the parcel is not the regular file expected here");
  return size;
}

class Reader {
  constructor(chunk) {
    this.chunk = chunk;
    this.at = 0;
  }

  take(length) {
    refuseUnless(this.at + length <= this.chunk.length, "parcel", "the parcel is cut off");
    this.at += length;
    return this.chunk.slice(this.at - length, this.at);
  }

  member(expected, longest) {
    const size = memberSize(this.take(block), expected);
    refuseUnless(size <= longest, "parcel", "the letter or its signature is too long");
    const content = this.take(size);
    refuseUnlessZero(this.take(roundedUp(size) - size));
    return content;
  }

  get zeroBlockNext() {
    return this.chunk.subarray(this.at, this.at + block).every((byte) => byte === 0);
  }
}

function refuseUnlessZero(bytes) {
  refuseUnless(bytes.every((byte) => byte === 0), "parcel", "the parcel's padding is not zero");
}

// Reads letter and signature from the first chunk of a parcel, where they always lie whole.
// Where that chunk is the whole parcel, its attachments and its padding are checked too.
export function readFirstChunk(chunk, whole) {
  const reader = new Reader(chunk);
  const letter = reader.member("letter.json", longestLetter);
  const signature = reader.member("letter.sig", signatureBytes);
  refuseUnless(signature.length === signatureBytes, "parcel", "the letter's signature has a wrong length");
  if (whole) restOf(reader, floor);
  return { letter, signature };
}

// Reads a whole parcel of a letter whose signature was verified before, its padding to the last byte.
export function readParcel(bytes, least) {
  const reader = new Reader(bytes);
  const letter = reader.member("letter.json", longestLetter);
  reader.member("letter.sig", signatureBytes);
  return { letter, contents: restOf(reader, least) };
}

function restOf(reader, least) {
  const contents = [];
  while (!reader.zeroBlockNext) contents.push(reader.member(`attachments/${contents.length + 1}`, longestMember));
  refuseUnless(reader.chunk.length === paddedLength(reader.at + endOfTar, least), "parcel", "the parcel is not of a padded length");
  refuseUnlessZero(reader.chunk.subarray(reader.at));
  return contents;
}
