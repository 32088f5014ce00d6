// The receipt: 128 bits as twelve words, and what is derived from them (docs/envelope-spec.md, section 2).

import { bech32 } from "@scure/base";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { identityToRecipient } from "age-encryption";

import { digest, hex, utf8 } from "./bytes.js";
import { Refused, refuseUnless } from "./refused.js";

const entropyBytes = 16;
export const wordCount = 12;
const longest = 400;

// BIP 39's list was made so that four letters tell its words apart; a few have only three.
const shortestOf = (word) => Math.min(4, word.length);
const byBeginning = new Map(wordlist.map((word) => [word.slice(0, 4), word]));

export function newEntropy() {
  return crypto.getRandomValues(new Uint8Array(entropyBytes));
}

export function wordsOf(entropy) {
  return entropyToMnemonic(entropy, wordlist).split(" ");
}

// Returns the word of the list that somebody meant, or undefined.
export function meantWord(typed) {
  const word = typed.toLowerCase();
  const meant = byBeginning.get(word.slice(0, 4));
  return meant !== undefined && word.length >= shortestOf(meant) && meant.startsWith(word) ? meant : undefined;
}

export function readReceipt(typed) {
  refuseUnless(typed.length <= longest, "too_long", `longer than ${longest} characters`);
  const typedWords = typed.split(/[^a-zA-Z]+/).filter((word) => word !== "");
  refuseUnless(typedWords.length === wordCount, "not_twelve", `${typedWords.length} words, not ${wordCount}`);
  const words = typedWords.map((word, place) => {
    const meant = meantWord(word);
    if (meant === undefined) throw Object.assign(new Refused("unknown_word", `word ${place + 1} is not in the list`), { place: place + 1 });
    return meant;
  });
  try {
    return mnemonicToEntropy(words.join(" "), wordlist);
  } catch {
    throw new Refused("checksum", "the words do not fit together");
  }
}

const derive = (entropy, info) => hkdf(sha256, entropy, utf8("candour/receipt/v1"), utf8(info), 32);

export function mailboxId(verificationKey, recipient) {
  return hex(digest(utf8("candour/mailbox/v1\0"), verificationKey, recipientBytes(recipient)));
}

export function recipientBytes(recipient) {
  // `false` lifts bech32's limit of 90 characters, as age does.
  try {
    const { prefix, words } = bech32.decode(recipient, false);
    const bytes = bech32.fromWords(words);
    if (prefix === "age1pq" && bytes.length === 1216) return bytes;
  } catch {
    // Falls through to the one refusal.
  }
  throw new Refused("recipient", "a recipient is not a post-quantum hybrid one");
}

export async function keysOf(entropy) {
  const tag = derive(entropy, "look-up tag");
  const signing = derive(entropy, "reporter signing");
  const words = bech32.toWords(derive(entropy, "reporter identity"));
  const identity = bech32.encode("AGE-SECRET-KEY-PQ-", words, false).toUpperCase();
  const recipient = await identityToRecipient(identity);
  const verificationKey = ed25519.getPublicKey(signing);
  return { tag: hex(tag), signing, identity, recipient, verificationKey, mailbox: mailboxId(verificationKey, recipient) };
}
