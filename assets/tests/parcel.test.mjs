import assert from "node:assert/strict";
import { test } from "node:test";

import { contentOf, kindOf } from "../report/enclosure.js";
import { digest, hex } from "../report/bytes.js";
import { enclosing, paddedLength } from "../report/padding.js";
import { memberHeader, parcel, readFirstChunk, readParcel } from "../report/parcel.js";
import { joined, refusedAs } from "./support.mjs";

const letter = new TextEncoder().encode('{"a": "letter"}');
const signature = new Uint8Array(64).fill(9);

test("lengths are Padmé's over a floor", () => {
  for (const [length, padded] of [[0, 8192], [8192, 8192], [8193, 8704], [9728, 9728], [65_537, 67_584], [1_000_000, 1_015_808], [20 * 2 ** 20 + 1, 20 * 2 ** 20 + 2 ** 19]]) {
    assert.equal(paddedLength(length), padded, String(length));
    assert.equal(paddedLength(padded), padded);
    assert.equal(padded % 512, 0);
  }
});

test("a parcel is a plain tar of a padded length", async () => {
  const files = [new Blob(["one"]), new Blob([]), new Blob([new Uint8Array(5000).fill(1)])];
  const heard = [];
  const { length, stream } = parcel(letter, signature, files, (done) => heard.push(done));
  const tar = await joined(stream);
  assert.equal(tar.length, length);
  assert.equal(heard.at(-1), length);
  assert.equal(length, paddedLength(length));
  assert.deepEqual(readFirstChunk(tar, true), { letter, signature });
  assert.equal(new TextDecoder().decode(tar.slice(2048, 2061)), "attachments/1");
  assert.ok(tar.subarray(tar.length - 1024).every((byte) => byte === 0));
});

test("an altered parcel is refused wherever it was altered", async () => {
  const tar = await joined(parcel(letter, signature, [new Blob(["one"])]).stream);
  // Name, mode, owner, size, time, sum, type, link, magic, owner's name, padding of the letter, closing zeros.
  for (const at of [0, 104, 110, 130, 140, 150, 156, 157, 260, 265, 600, tar.length - 1]) {
    const altered = tar.slice();
    altered[at] ^= 1;
    assert.throws(() => readFirstChunk(altered, true), refusedAs("parcel"), String(at));
  }
  assert.throws(() => readFirstChunk(tar.slice(0, 1000), false), refusedAs("parcel"));
  assert.throws(() => readFirstChunk(tar.slice(0, -512), true), refusedAs("parcel"));
});

test("a member of 8 GiB does not fit", () => {
  assert.equal(memberHeader("attachments/1", 8 * 1024 ** 3 - 1).length, 512);
  assert.throws(() => memberHeader("attachments/1", 8 * 1024 ** 3), refusedAs("too_large"));
});

// A desk's letter with a file, as Python seals it: padded to the one length that all of them have.
async function enclosed(content) {
  const tar = await joined(parcel(letter, signature, [new Blob([content])]).stream);
  const whole = new Uint8Array(enclosing);
  whole.set(tar.subarray(0, Math.min(tar.length, enclosing)));
  return whole;
}

test("a desk's file is read out of a parcel of its one length", async () => {
  const content = new Uint8Array(70_000).map((_, at) => at % 251);
  const whole = await enclosed(content);
  const shown = { digest: hex(digest(letter)), attachments: [{ size: content.length, sha256: hex(digest(content)) }] };
  assert.deepEqual(contentOf(readParcel(whole, enclosing), shown), content);

  assert.throws(() => readParcel(whole.slice(0, -512), enclosing), refusedAs("parcel"));
  assert.throws(() => readParcel(whole.map((byte, at) => (at === whole.length - 1 ? 1 : byte)), enclosing), refusedAs("parcel"));
  const changed = whole.slice();
  changed[40_000] ^= 1;
  assert.throws(() => contentOf(readParcel(changed, enclosing), shown), refusedAs("parcel"));
  assert.throws(() => contentOf(readParcel(whole, enclosing), { ...shown, digest: "0".repeat(64) }), refusedAs("misplaced"));
  for (const attachments of [[], [{ ...shown.attachments[0], size: 1 }], [{ ...shown.attachments[0], sha256: "0".repeat(64) }]]) {
    assert.throws(() => contentOf(readParcel(whole, enclosing), { ...shown, attachments }), refusedAs("parcel"));
  }
});

test("what a file is, its first bytes say", () => {
  const endings = [["%PDF-1.7", "pdf"], ["\xff\xd8\xff\xe0", "jpg"], ["\x89PNG\r\n\x1a\n..", "png"], ["<script>", "txt"], ["", "txt"]];
  for (const [begins, ending] of endings) {
    assert.equal(kindOf(Uint8Array.from(begins, (sign) => sign.charCodeAt(0))).ending, ending);
  }
});
