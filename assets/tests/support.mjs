// What several tests need: a keyring of invented people, signed on the spot.

import { ed25519 } from "@noble/curves/ed25519.js";
import { generateHybridIdentity, identityToRecipient } from "age-encryption";

import { concat, toBase64, utf8 } from "../report/bytes.js";

export async function somebody(id, name) {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const identity = await generateHybridIdentity();
  return {
    seed,
    identity,
    entry: { id, name, role: "handler", recipient: await identityToRecipient(identity), verification_key: toBase64(ed25519.getPublicKey(seed)) },
  };
}

export const day = "2026-11-21";

export function bodyOf(people, changes = {}) {
  return {
    format: "candour-keyring/2",
    serial: 7,
    issued_on: "2026-11-01",
    expires_on: "2026-12-01",
    members: people.map(({ entry }) => entry),
    former: [],
    desks: [{ id: "psd", label: "Professional Standards", members: people.map(({ entry }) => entry.id) }],
    ...changes,
  };
}

export function signedKeyring(body, seeds) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const signatures = seeds.map((seed) => ({
    signer: toBase64(ed25519.getPublicKey(seed)),
    signature: toBase64(ed25519.sign(concat(utf8("candour/keyring/v2\0"), utf8(text)), seed)),
  }));
  return utf8(JSON.stringify({ keyring: text, signatures }));
}

export const refusedAs = (code) => (error) => error.name === "Refused" && error.code === code;

export async function joined(stream) {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
