// Ed25519, judged as OpenSSL judges it, and weak keys refused by name before any signature is looked at.

import { ed25519 } from "@noble/curves/ed25519.js";

import { concat, utf8 } from "./bytes.js";
import { refuseUnless } from "./refused.js";

export function sign(context, message, seed) {
  return ed25519.sign(concat(utf8(context), message), seed);
}

export function refuseUnlessSigned(context, message, signature, verificationKey) {
  refuseUnlessKey(verificationKey);
  // Without ZIP 215's leniency: one encoding of a key, one verdict, here and on the server.
  const genuine = signature.length === 64 && ed25519.verify(signature, concat(utf8(context), message), verificationKey, { zip215: false });
  refuseUnless(genuine, "signature", "the signature does not fit");
}

export function refuseUnlessKey(verificationKey) {
  let point;
  try {
    point = ed25519.Point.fromBytes(verificationKey, false);
  } catch {
    point = undefined;
  }
  refuseUnless(point !== undefined && !point.isSmallOrder(), "weak_key", "a verification key is not one, or anybody could sign for it");
}
