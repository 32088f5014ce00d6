import assert from "node:assert/strict";
import { test } from "node:test";

import { wordlist } from "@scure/bip39/wordlists/english.js";

import { hex } from "../report/bytes.js";
import { keysOf, meantWord, newEntropy, readReceipt, wordsOf } from "../report/receipt.js";
import { refusedAs } from "./support.mjs";

// From the vectors of BIP 39.
const entropy = Uint8Array.from({ length: 16 }, () => 0x7f);
const words = "legal winner thank year wave sausage worth useful legal winner thank yellow".split(" ");

test("words and entropy are one another's", () => {
  assert.deepEqual(wordsOf(entropy), words);
  assert.deepEqual(readReceipt(words.join(" ")), entropy);
  const fresh = newEntropy();
  assert.deepEqual(readReceipt(wordsOf(fresh).join(" ")), fresh);
});

test("case, separators and endings of words are free", () => {
  for (const typed of [
    words.join("-").toUpperCase(),
    words.map((word, place) => `${place + 1}. ${word}`).join("\r\n"),
    words.map((word) => word.slice(0, 4)).join(" "),
    `  ${words.join(",  ")}!  `,
  ]) {
    assert.deepEqual(readReceipt(typed), entropy, typed);
  }
});

test("every word of the list is known by its first four letters, or three where it has three", () => {
  for (const word of wordlist) {
    assert.equal(meantWord(word), word);
    assert.equal(meantWord(word.slice(0, 4)), word);
    if (word.length > 3) assert.notEqual(meantWord(word.slice(0, 3)), word);
  }
  for (const wrong of ["", "le", "legalx", "zzzz", "abandonx"]) assert.equal(meantWord(wrong), undefined, wrong);
});

test("what is no receipt is refused, and an unknown word by its place", () => {
  assert.throws(() => readReceipt("word ".repeat(100)), refusedAs("too_long"));
  assert.throws(() => readReceipt(words.slice(1).join(" ")), refusedAs("not_twelve"));
  assert.throws(() => readReceipt([...words, "legal"].join(" ")), refusedAs("not_twelve"));
  assert.throws(() => readReceipt(""), refusedAs("not_twelve"));
  const misspelt = words.with(4, "wavve");
  assert.throws(() => readReceipt(misspelt.join(" ")), (error) => error.code === "unknown_word" && error.place === 5);
  assert.throws(() => readReceipt(words.with(0, "winner").join(" ")), refusedAs("checksum"));
});

test("what is derived differs by purpose and stays the same", async () => {
  const keys = await keysOf(entropy);
  assert.equal(keys.tag.length, 64);
  assert.notEqual(keys.tag, hex(keys.signing));
  assert.match(keys.identity, /^AGE-SECRET-KEY-PQ-1/);
  assert.match(keys.recipient, /^age1pq1/);
  assert.match(keys.mailbox, /^[0-9a-f]{64}$/);
  assert.deepEqual(await keysOf(entropy), keys);
});
