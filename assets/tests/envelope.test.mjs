import assert from "node:assert/strict";
import { before, test } from "node:test";

import { bech32 } from "@scure/base";
import { Decrypter, Encrypter, generateIdentity, identityToRecipient } from "age-encryption";

import { collected, openFirstChunk, placeOf, randomBelow, seal, shuffled } from "../report/envelope.js";
import { refusedAs, somebody } from "./support.mjs";

let reader, other;
const plaintext = new Uint8Array(70_000).map((_, at) => at % 251);
const streamOf = (bytes) => new Blob([bytes]).stream();

before(async () => {
  reader = await somebody("reader", "Reader");
  other = await somebody("other", "Other");
});

const sealed = async (bytes, recipients) => new Uint8Array(await (await collected(await seal(streamOf(bytes), recipients))).arrayBuffer());

function split(file) {
  const mac = file.findIndex((byte, at) => byte === 45 && file[at - 1] === 10 && file[at + 1] === 45 && file[at + 2] === 45);
  const end = file.indexOf(10, mac) + 1;
  return [file.slice(0, end), file.slice(end)];
}

test("every reader opens it, and nobody else", async () => {
  const file = await sealed(plaintext, [reader.entry.recipient, other.entry.recipient]);
  for (const { identity } of [reader, other]) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    assert.deepEqual(await decrypter.decrypt(file), plaintext);
  }
  const stranger = await somebody("stranger", "Stranger");
  await assert.rejects(openFirstChunk(...split(file), stranger.identity), refusedAs("unopened"));
});

test("there are sixteen stanzas, however many read, and no place is anybody's", async () => {
  const places = new Set();
  for (let round = 0; round < 6; round++) {
    const [header] = split(await sealed(new Uint8Array(3), [reader.entry.recipient]));
    const stanzas = new TextDecoder().decode(header).split("\n-> ").slice(1);
    assert.equal(stanzas.length, 16);
    assert.ok(stanzas.every((stanza) => /^mlkem768x25519 [A-Za-z0-9+/]{1494}\n[A-Za-z0-9+/]{43}(\n---.*\n)?$/.test(stanza)));
    places.add(header.length);
  }
  assert.equal(places.size, 1, "headers of one length");
});

test("a reporter's place is the one that the server knows", async () => {
  // Identities of 32 zeros, ones, twos and threes, as tests/envelope/test_sealing.py has them.
  const places = [];
  for (const number of [0, 1, 2, 3]) {
    const identity = bech32.encode("AGE-SECRET-KEY-PQ-", bech32.toWords(new Uint8Array(32).fill(number)), false).toUpperCase();
    places.push(placeOf(await identityToRecipient(identity)));
  }
  assert.deepEqual(places, [4, 3, 2, 1]);
});

test("shuffling is fair enough to see, and loses nothing", () => {
  const firsts = new Map();
  for (let round = 0; round < 4000; round++) {
    const order = shuffled([0, 1, 2, 3]);
    assert.deepEqual([...order].sort(), [0, 1, 2, 3]);
    firsts.set(order[0], (firsts.get(order[0]) ?? 0) + 1);
  }
  for (const count of firsts.values()) assert.ok(Math.abs(count - 1000) < 200, String(count));
  for (let round = 0; round < 100; round++) assert.ok(randomBelow(12) < 12);
});

test("the first chunk opens alone, whether more follow or not", async () => {
  for (const length of [0, 100, 65_536, 65_537, 200_000]) {
    const bytes = new Uint8Array(length).fill(7);
    const [header, payload] = split(await sealed(bytes, [reader.entry.recipient]));
    const head = payload.slice(0, 16 + 2 * 65_552);
    const { chunk, whole } = await openFirstChunk(header, head, reader.identity);
    assert.deepEqual(chunk, bytes.slice(0, 65_536));
    assert.equal(whole, length <= 65_536);
  }
});

test("what was altered, cut or addressed to another kind of reader does not open", async () => {
  const [header, payload] = split(await sealed(plaintext, [reader.entry.recipient]));
  const altered = payload.slice();
  altered[40] ^= 1;
  await assert.rejects(openFirstChunk(header, altered, reader.identity), refusedAs("unopened"));
  await assert.rejects(openFirstChunk(header, payload.slice(0, 16 + 65_552), reader.identity), refusedAs("unopened"));
  const badMac = header.slice();
  badMac[badMac.length - 3] = badMac[badMac.length - 3] === 65 ? 66 : 65;
  await assert.rejects(openFirstChunk(badMac, payload, reader.identity), refusedAs("unopened"));

  const encrypter = new Encrypter();
  for (const recipient of [reader.entry.recipient, await identityToRecipient(await generateIdentity())]) encrypter.addRecipient(recipient);
  await assert.rejects(openFirstChunk(...split(await encrypter.encrypt(plaintext)), reader.identity), refusedAs("header"));
});

test("nobody, too many and the same one twice are refused", async () => {
  const { recipient } = reader.entry;
  await assert.rejects(seal(streamOf(plaintext), []), refusedAs("readers"));
  await assert.rejects(seal(streamOf(plaintext), [recipient, recipient]), refusedAs("readers"));
  await assert.rejects(seal(streamOf(plaintext), Array.from({ length: 17 }, (_, at) => recipient + at)), refusedAs("readers"));
});

