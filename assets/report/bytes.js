// Bytes and text, strictly: what an encoder of ours would not have written is refused.

import { sha256 } from "@noble/hashes/sha2.js";

import { Refused } from "./refused.js";

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

// `ignoreBOM` keeps a byte order mark in the text, where the JSON reader then refuses it.
export function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("not_utf8", "a text is not UTF-8");
  }
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const isHex = (text, digits) => text.length === digits && /^[0-9a-f]*$/.test(text);

export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

// atob() forgives white space, missing padding and stray last bits: encoding again shows them.
export function fromBase64(text) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Refused("not_base64", "a text is not base64");
  }
  if (toBase64(bytes) !== text) throw new Refused("not_base64", "a text is not canonical base64");
  return bytes;
}

export function equal(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one[at] ^ other[at];
  return difference === 0;
}

export const digest = (...parts) => sha256(concat(...parts));

export const characters = (text) => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};
