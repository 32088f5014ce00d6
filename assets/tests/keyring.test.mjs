import assert from "node:assert/strict";
import { before, test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { toBase64 } from "../report/bytes.js";
import { readKeyring } from "../report/keyring.js";
import { bodyOf, day, refusedAs, signedKeyring, somebody } from "./support.mjs";

const signerSeed = new Uint8Array(32).fill(3);
const signer = toBase64(ed25519.getPublicKey(signerSeed));
let people;

before(async () => {
  people = [await somebody("tom", "Tom"), await somebody("amara", "Amara")];
});

const read = (body, on = day) => readKeyring(signedKeyring(body, signerSeed), signer, on);

test("a keyring names readers in order, and leaves out whom it should", () => {
  const keyring = read(bodyOf(people));
  assert.equal(keyring.serial, 7);
  assert.deepEqual(keyring.readers("psd"), ["amara", "tom"]);
  assert.deepEqual(keyring.readers("psd", ["tom"]), ["amara"]);
  assert.deepEqual(keyring.readers("elsewhere"), []);
  assert.deepEqual(keyring.recipients(["amara"]), [people[1].entry.recipient]);
});

test("its dates are its own, the first and last included", () => {
  for (const on of ["2026-11-01", "2026-12-01"]) assert.equal(read(bodyOf(people), on).serial, 7);
  for (const on of ["2026-10-31", "2026-12-02"]) assert.throws(() => read(bodyOf(people), on), refusedAs("keyring_dates"));
});

test("another signature, or none, is refused", () => {
  const bytes = signedKeyring(bodyOf(people), new Uint8Array(32).fill(4));
  assert.throws(() => readKeyring(bytes, signer, day), refusedAs("signature"));
  const changed = new TextDecoder().decode(signedKeyring(bodyOf(people), signerSeed)).replace("Tom", "Tim");
  assert.throws(() => readKeyring(new TextEncoder().encode(changed), signer, day), refusedAs("signature"));
});

test("a signer of small order is refused by name", () => {
  for (const weak of ["AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]) {
    assert.throws(() => readKeyring(signedKeyring(bodyOf(people), signerSeed), weak, day), refusedAs("weak_key"));
  }
});

test("everything out of shape is refused", () => {
  const [tom, amara] = people.map(({ entry }) => entry);
  const desk = { id: "psd", label: "PSD", members: ["tom"] };
  for (const [change, code] of [
    [{ format: "candour-keyring/2" }, "shape"],
    [{ serial: 0 }, "shape"],
    [{ issued_on: "2026-11-31" }, "shape"],
    [{ issued_on: "20261101" }, "shape"],
    [{ extra: 1 }, "shape"],
    [{ members: [tom, { ...amara, role: "chief" }] }, "shape"],
    [{ members: [tom, { ...amara, id: "Amara" }] }, "shape"],
    [{ members: [tom, { ...amara, id: "reporter" }] }, "shape"],
    [{ members: [tom, { ...amara, note: "" }] }, "shape"],
    [{ members: [tom, { ...amara, id: "tom" }] }, "keyring"],
    [{ members: [tom, { ...amara, recipient: tom.recipient }] }, "keyring"],
    [{ members: [tom, { ...amara, verification_key: tom.verification_key }] }, "keyring"],
    [{ members: [tom, { ...amara, recipient: amara.recipient.slice(0, -1) }] }, "recipient"],
    [{ former: [{ id: "tom", name: "Tom", verification_key: amara.verification_key }] }, "keyring"],
    [{ desks: [desk, { ...desk, id: "other" }] }, "keyring"],
    [{ desks: [desk, { ...desk, members: ["amara"] }] }, "keyring"],
    [{ desks: [{ ...desk, members: [] }] }, "keyring"],
    [{ desks: [{ ...desk, members: ["nobody"] }] }, "keyring"],
  ]) {
    assert.throws(() => read(bodyOf(people, change)), refusedAs(code), JSON.stringify(Object.keys(change)) + code);
  }
});

test("a name that stands twice is refused though the signature fits", () => {
  const twice = JSON.stringify(bodyOf(people)).replace('"serial":7', '"serial":7,"serial":8');
  assert.throws(() => read(twice), refusedAs("json"));
});
