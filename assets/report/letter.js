// The letter: built exactly as docs/envelope-spec.md, section 5, says, and read as strictly.

import { digest, equal, fromBase64, fromUtf8, hex, isHex, toBase64, utf8 } from "./bytes.js";
import { parseStrictly } from "./json.js";
import { longestLetter } from "./parcel.js";
import { mailboxId } from "./receipt.js";
import { refuseUnless } from "./refused.js";
import { isCount, isId, isListOf, isObject, isSortedIds, isString, refuseUnlessShaped } from "./shape.js";
import { refuseUnlessSigned, sign } from "./signature.js";

export const context = "candour/letter/v1\0";
export const mostAttachments = 10;
export const longestLabel = 80;
// What a desk may enclose: one file, so that all such letters have one sealed size.
const mostEnclosed = 1;
const largestEnclosed = 4 * 1024 * 1024;
const mostReaders = 15;
export const questions = ["what", "who", "where", "when", "how_known", "who_else", "afraid_of"];
const askedFirst = [...questions, "about", "danger"];
// Letters from before the table chose among six desks have no answers to the last three.
const concernAnswers = [askedFirst, [...askedFirst, "force", "category", "wish"]];

// What a later letter may ask for beside its words.
export const asksForReview = { asks: "review" };

const kinds = ["concern", "message", "reply"];
const isDigest = (value) => isString(value) && isHex(value, 64);

const letterShape = {
  format: (value) => value === "candour-letter/1",
  kind: (value) => kinds.includes(value),
  mailbox: isDigest,
  author: isId,
  verification_key: isString,
  recipient: isString,
  place: isCount,
  previous: (value) => value === "" || isDigest(value),
  desk: isId,
  readers: (value) => isSortedIds(value) && value.length >= 1 && value.length <= mostReaders,
  left_out: isSortedIds,
  keyring: (value) => isCount(value) && value >= 1,
  answers: (value) => isObject(value) && Object.values(value).every(isString),
  text: isString,
  attachments: (value) => isListOf(isObject)(value) && value.length <= mostAttachments,
};
const attachmentShape = {
  label: (value) => isString(value) && [...value].length <= longestLabel,
  size: isCount,
  sha256: isDigest,
};

// Writes and signs a reporter's letter. `keys` are the receipt's; the rest is what the letter says.
export function writeLetter(keys, { place, previous, desk, readers, leftOut, keyring, answers, text, attachments }) {
  const kind = place === 0 ? "concern" : "message";
  const letter = {
    format: "candour-letter/1",
    kind,
    mailbox: keys.mailbox,
    author: "reporter",
    verification_key: toBase64(keys.verificationKey),
    recipient: keys.recipient,
    place,
    previous,
    desk,
    readers: [...readers].sort(),
    left_out: [...leftOut].sort(),
    keyring,
    answers,
    text: kind === "concern" ? "" : text,
    attachments,
  };
  const bytes = utf8(JSON.stringify(letter));
  refuseUnless(bytes.length <= longestLetter, "too_long", `the letter is longer than ${longestLetter} bytes`);
  return { bytes, signature: sign(context, bytes, keys.signing), digest: hex(digest(bytes)) };
}

// Reads a letter found in a mailbox and checks who wrote it and that it belongs there.
// `side` is where it was found: “reporter” or “desk”.
export function readLetter(bytes, signature, { side, mailbox, keyring }) {
  refuseUnless(bytes.length <= longestLetter, "letter", "the letter is too long");
  const letter = parseStrictly(fromUtf8(bytes));
  refuseUnlessShaped(letter, letterShape, "the letter");
  for (const attachment of letter.attachments) refuseUnlessShaped(attachment, attachmentShape, "an attachment");
  refuseUnless(!letter.readers.some((id) => letter.left_out.includes(id)), "letter", "a reader of the letter was left out");
  const verificationKey = fromBase64(letter.verification_key);
  refuseUnlessSigned(context, bytes, signature, verificationKey);
  if (letter.kind === "reply") refuseForgedReply(letter, verificationKey, keyring);
  else refuseForgedReport(letter, verificationKey);
  refuseUnless(letter.mailbox === mailbox, "misplaced", "the letter belongs to another mailbox");
  refuseUnless((letter.kind === "reply") === (side === "desk"), "misplaced", "the letter lies on the wrong side");
  refuseUnless((letter.place === 0) === (letter.previous === ""), "letter", "the letter's place and what came before it disagree");
  return { ...letter, digest: hex(digest(bytes)) };
}

function refuseForgedReply(letter, verificationKey, keyring) {
  const known = fromBase64(keyring.person(letter.author).verification_key);
  refuseUnless(equal(known, verificationKey), "unknown_author", "the letter is not signed by the member it names");
  refuseUnless(letter.recipient === "" && Object.keys(letter.answers).length === 0, "letter", "a reply says what only a reporter says");
  const isLittle = letter.attachments.length <= mostEnclosed && letter.attachments.every(({ size }) => size <= largestEnclosed);
  refuseUnless(isLittle, "letter", "a reply encloses too much");
}

function refuseForgedReport(letter, verificationKey) {
  refuseUnless(letter.author === "reporter", "letter", "the letter does not say who wrote it");
  refuseUnless(mailboxId(verificationKey, letter.recipient) === letter.mailbox, "misplaced", "the letter's keys are not this mailbox's");
  refuseUnless(letter.kind === "message" || letter.text === "", "letter", "a concern says something beside its answers");
  refuseUnless((letter.kind === "concern") === (letter.place === 0), "letter", "the letter is not of the kind its place asks for");
  const expected = letter.kind === "concern" ? concernAnswers : [[], ["asks"]];
  const given = Object.keys(letter.answers).length;
  refuseUnless(
    expected.some((asked) => given === asked.length && asked.every((question) => Object.hasOwn(letter.answers, question))),
    "letter",
    "the letter's answers are not those of its kind",
  );
  refuseUnless(letter.kind === "concern" || given === 0 || letter.answers.asks === asksForReview.asks, "letter", "the letter asks for what there is not");
}
