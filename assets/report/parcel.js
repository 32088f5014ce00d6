// The parcel: a plain ustar archive, written as a stream and read from its first chunk
// (docs/envelope-spec.md, section 4). The order of files, not their names, ties them to the letter.

import { utf8 } from "./bytes.js";
import { block, endOfTar, paddedLength } from "./padding.js";
import { refuseUnless } from "./refused.js";

export const longestLetter = 60_000;
const longestMember = 8 * 1024 ** 3 - 1;
const signatureBytes = 64;
const sliceBytes = 1024 * 1024;

const roundedUp = (size) => Math.ceil(size / block) * block;

const field = { name: [0, 100], mode: [100, 8], uid: [108, 8], gid: [116, 8], size: [124, 12], time: [136, 12], checksum: [148, 8], rest: [265, 235] };

function octal(value, width) {
  return value.toString(8).padStart(width - 1, "0") + "\0";
}

export function memberHeader(name, size) {
  refuseUnless(size <= longestMember, "too_large", "a file is too large for a parcel");
  const header = new Uint8Array(block);
  const put = ([at], text) => header.set(utf8(text), at);
  put(field.name, name);
  put(field.mode, octal(0o600, 8));
  put(field.uid, octal(0, 8));
  put(field.gid, octal(0, 8));
  put(field.size, octal(size, 12));
  put(field.time, octal(0, 12));
  put([156], "0");
  put([257], "ustar\x0000");
  put(field.checksum, octal(checksumOf(header), 7) + " ");
  return header;
}

// The sum is taken with its own field full of spaces.
function checksumOf(header) {
  const [at, width] = field.checksum;
  return header.reduce((sum, byte, place) => sum + (place >= at && place < at + width ? 32 : byte), 0);
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

function textIn(header, [at, width]) {
  const bytes = header.subarray(at, at + width);
  const end = bytes.indexOf(0);
  refuseUnless(end === -1 || bytes.subarray(end).every((byte) => byte === 0), "parcel", "a header of the parcel hides something");
  return String.fromCharCode(...(end === -1 ? bytes : bytes.subarray(0, end)));
}

function numberIn(header, range) {
  const bytes = header.subarray(range[0], range[0] + range[1]);
  const match = /^([0-7]+)[ \0]+$/.exec(String.fromCharCode(...bytes));
  refuseUnless(match !== null, "parcel", "a number in the parcel is not octal");
  return parseInt(match[1], 8);
}

function readHeader(header) {
  const magic = String.fromCharCode(...header.subarray(257, 265));
  refuseUnless(magic === "ustar\x0000", "parcel", "the parcel is not ustar");
  refuseUnless(numberIn(header, field.checksum) === checksumOf(header), "parcel", "a header of the parcel has a wrong sum");
  refuseUnless(header[156] === 0x30, "parcel", "the parcel holds something that is no regular file");
  refuseUnless(numberIn(header, field.mode) === 0o600, "parcel", "a file of the parcel has another mode");
  for (const range of [field.uid, field.gid, field.time]) refuseUnless(numberIn(header, range) === 0, "parcel", "a file of the parcel says whose it is");
  // Link target, owner's names, device numbers and prefix: all empty. Python writes device numbers as nothing or noughts.
  refuseUnless(header.subarray(157, 257).every((byte) => byte === 0), "parcel", "a file of the parcel is a link");
  const rest = String.fromCharCode(...header.subarray(field.rest[0]));
  refuseUnless(/^\0{64}(?:0{7}\0|\0{8}){2}\0+$/.test(rest), "parcel", "a file of the parcel says whose it is");
  return { name: textIn(header, field.name), size: numberIn(header, field.size) };
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
    const { name, size } = readHeader(this.take(block));
    refuseUnless(name === expected && size <= longest, "parcel", "the parcel holds something unexpected");
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
  if (whole) {
    for (let number = 1; !reader.zeroBlockNext; number++) reader.member(`attachments/${number}`, longestMember);
    refuseUnless(chunk.length === paddedLength(reader.at + endOfTar), "parcel", "the parcel is not of a padded length");
    refuseUnlessZero(chunk.subarray(reader.at));
  }
  return { letter, signature };
}
