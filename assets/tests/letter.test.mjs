import assert from "node:assert/strict";
import { before, test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { concat, toBase64, utf8 } from "../report/bytes.js";
import { Keyring } from "../report/keyring.js";
import { asksForReview, questions, readLetter, writeLetter } from "../report/letter.js";
import { keysOf, newEntropy } from "../report/receipt.js";
import { bodyOf, refusedAs, somebody } from "./support.mjs";

const answers = { ...Object.fromEntries(questions.map((question) => [question, ""])), what: "It happened.", about: "colleague", danger: "no" };
let keys, handler, keyring, says;

before(async () => {
  keys = await keysOf(newEntropy());
  handler = await somebody("amara", "Amara");
  keyring = new Keyring(bodyOf([handler]));
  says = { place: 0, previous: "", desk: "psd", readers: ["amara"], leftOut: ["tom"], keyring: 7, answers, text: "", attachments: [] };
});

const here = (side = "reporter") => ({ side, mailbox: keys.mailbox, keyring });

function replyBytes(change = {}) {
  const reply = {
    format: "candour-letter/1", kind: "reply", mailbox: keys.mailbox, author: "amara", verification_key: handler.entry.verification_key,
    recipient: "", place: 0, previous: "", desk: "psd", readers: ["amara"], left_out: ["tom"], keyring: 7, answers: {}, text: "Thank you.", attachments: [],
    ...change,
  };
  return signed(reply, handler.seed);
}

function signed(letter, seed) {
  const bytes = utf8(JSON.stringify(letter));
  return [bytes, ed25519.sign(concat(utf8("candour/letter/v1\0"), bytes), seed)];
}

test("what is written is read, first letter and later ones", () => {
  const first = writeLetter(keys, says);
  const read = readLetter(first.bytes, first.signature, here());
  assert.equal(read.kind, "concern");
  assert.equal(read.answers.what, "It happened.");
  assert.equal(read.digest, first.digest);
  const later = writeLetter(keys, { ...says, place: 1, previous: first.digest, answers: {}, text: "More.", attachments: [{ label: "File 1", size: 3, sha256: "0".repeat(64) }] });
  const readLater = readLetter(later.bytes, later.signature, here());
  assert.equal(readLater.kind, "message");
  assert.equal(readLater.text, "More.");
  assert.deepEqual({ ...readLater.answers }, {});
});

test("a later letter may ask for a review, and for nothing else", () => {
  const { digest } = writeLetter(keys, says);
  const asking = (answers) => {
    const { bytes, signature } = writeLetter(keys, { ...says, place: 1, previous: digest, answers, text: "Look again." });
    return readLetter(bytes, signature, here());
  };
  assert.deepEqual({ ...asking(asksForReview).answers }, { asks: "review" });
  for (const answers of [{ asks: "money" }, { asks: "" }, { asks: "review", more: "" }, { what: "x" }])
    assert.throws(() => asking(answers), refusedAs("letter"), JSON.stringify(answers));
  assert.throws(() => readLetter(...replyBytes({ answers: asksForReview }), here("desk")), refusedAs("letter"));
});

test("a desk's reply is read if its author signed it", () => {
  assert.equal(readLetter(...replyBytes(), here("desk")).text, "Thank you.");
  const [bytes] = replyBytes();
  const [, foreign] = signed({}, keys.signing);
  assert.throws(() => readLetter(bytes, foreign, here("desk")), refusedAs("signature"));
  assert.throws(() => readLetter(...replyBytes({ author: "nobody" }), here("desk")), refusedAs("unknown_author"));
  const own = toBase64(keys.verificationKey);
  assert.throws(() => readLetter(...signed(JSON.parse(new TextDecoder().decode(replyBytes({ verification_key: own })[0])), keys.signing), here("desk")), refusedAs("unknown_author"));
});

test("a desk encloses one file of four megabytes at most", () => {
  const file = { label: "A leaflet", size: 4 * 1024 * 1024, sha256: "0".repeat(64) };
  assert.equal(readLetter(...replyBytes({ attachments: [file] }), here("desk")).attachments.length, 1);
  for (const attachments of [[file, file], [{ ...file, size: file.size + 1 }]])
    assert.throws(() => readLetter(...replyBytes({ attachments }), here("desk")), refusedAs("letter"));
});

test("a letter that was moved is refused", () => {
  const { bytes, signature } = writeLetter(keys, says);
  assert.throws(() => readLetter(bytes, signature, here("desk")), refusedAs("misplaced"));
  assert.throws(() => readLetter(bytes, signature, { ...here(), mailbox: "0".repeat(64) }), refusedAs("misplaced"));
  assert.throws(() => readLetter(...replyBytes(), here("reporter")), refusedAs("misplaced"));
});

test("a reporter's letter with keys of somebody else is refused", async () => {
  const { recipient } = await keysOf(newEntropy());
  const { bytes, signature } = writeLetter({ ...keys, recipient }, says);
  assert.throws(() => readLetter(bytes, signature, here()), refusedAs("misplaced"));
});

test("a letter out of shape is refused though its signature fits", () => {
  const { bytes } = writeLetter(keys, says);
  const letter = JSON.parse(new TextDecoder().decode(bytes));
  for (const change of [
    { format: "candour-letter/2" }, { kind: "note" }, { place: -1 }, { place: "0" }, { readers: ["tom", "amara"] }, { readers: [] },
    { readers: ["tom"] }, { extra: "" }, { answers: { ...letter.answers, more: "" } }, { answers: {} }, { attachments: [{ label: "x", size: 1 }] },
    { attachments: [{ label: "x".repeat(81), size: 1, sha256: "0".repeat(64) }] }, { text: "beside the answers" }, { kind: "message" }, { author: "amara" }, { keyring: 0 },
  ]) {
    assert.throws(() => readLetter(...signed({ ...letter, ...change }, keys.signing), here()), (error) => error.name === "Refused", JSON.stringify(change));
  }
  const { text: _, ...lacking } = letter;
  assert.throws(() => readLetter(...signed(lacking, keys.signing), here()), refusedAs("shape"));
});

test("a letter has room for 60,000 bytes and no more", () => {
  const of = (length) => ({ ...says, answers: { ...answers, what: "é".repeat(length) } });
  assert.ok(writeLetter(keys, of(27_000)).bytes.length < 60_000);
  assert.throws(() => writeLetter(keys, of(30_000)), refusedAs("too_long"));
});
