import assert from "node:assert/strict";
import { before, test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { toBase64 } from "../report/bytes.js";
import { readKeyring } from "../report/keyring.js";
import { bodyOf, day, refusedAs, signedKeyring, somebody } from "./support.mjs";

const seed = (number) => new Uint8Array(32).fill(number);
const signerSeeds = [seed(3), seed(5)];
const signers = signerSeeds.map((one) => toBase64(ed25519.getPublicKey(one)));
let people, custodians, statistics;

before(async () => {
  people = [await somebody("tom", "Tom"), await somebody("amara", "Amara")];
  const found = [await somebody("carol", "Carol"), await somebody("cyril", "Cyril")];
  custodians = found.map(({ entry }) => ({ ...entry, role: "custodian" }));
  statistics = { recipient: (await somebody("nobody", "")).entry.recipient, custodians: ["carol", "cyril"] };
});

const withCustodians = (changes) => bodyOf(people, { members: [...people.map(({ entry }) => entry), ...custodians], statistics, ...changes });

const read = (body, on = day) => readKeyring(signedKeyring(body, signerSeeds), signers, on);

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

test("two of the signers sign it, and nobody else", () => {
  const withSeeds = (...seeds) => () => readKeyring(signedKeyring(bodyOf(people), seeds), [...signers, toBase64(ed25519.getPublicKey(seed(6)))], day);
  for (const fit of [withSeeds(seed(3), seed(5)), withSeeds(seed(6), seed(3)), withSeeds(seed(3), seed(5), seed(6))]) assert.equal(fit().serial, 7);
  for (const unfit of [withSeeds(), withSeeds(seed(3)), withSeeds(seed(3), seed(3)), withSeeds(seed(3), seed(4)), withSeeds(seed(3), seed(5), seed(4))]) {
    assert.throws(unfit, refusedAs("signature"));
  }
  const changed = new TextDecoder().decode(signedKeyring(bodyOf(people), signerSeeds)).replace("Tom", "Tim");
  assert.throws(() => readKeyring(new TextEncoder().encode(changed), signers, day), refusedAs("signature"));
});

test("a signer of small order is refused by name", () => {
  for (const weak of ["AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]) {
    const file = JSON.parse(new TextDecoder().decode(signedKeyring(bodyOf(people), signerSeeds)));
    file.signatures[0].signer = weak;
    assert.throws(() => readKeyring(new TextEncoder().encode(JSON.stringify(file)), [weak, signers[1]], day), refusedAs("weak_key"));
  }
});

test("it may say where a desk falls, in desks", () => {
  assert.deepEqual(read(bodyOf(people)).fallThrough, {});
  assert.deepEqual({ ...read(bodyOf(people, { fall_through: { ccu: ["psd"], psd: [] } })).fallThrough }, { ccu: ["psd"], psd: [] });
  for (const [falls, code] of [[null, "shape"], [[], "shape"], [{ psd: "ccu" }, "shape"], [{ psd: [1] }, "shape"], [{ PSD: [] }, "shape"], [{ psd: ["psd"] }, "keyring"]]) {
    assert.throws(() => read(bodyOf(people, { fall_through: falls })), refusedAs(code), JSON.stringify(falls));
  }
});

test("everything out of shape is refused", () => {
  const [tom, amara] = people.map(({ entry }) => entry);
  const desk = { id: "psd", label: "PSD", members: ["tom"] };
  for (const [change, code] of [
    [{ format: "candour-keyring/1" }, "shape"],
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

test("custodians are never readers, and sign no letter", () => {
  const keyring = read(withCustodians());
  assert.deepEqual(keyring.readers("psd"), ["amara", "tom"]);
  assert.throws(() => keyring.person("carol"), refusedAs("unknown_author"));
  assert.equal(keyring.person("tom").name, "Tom");
});

test("custodians and statistics fit together, or the keyring is refused", () => {
  const handlers = people.map(({ entry }) => entry);
  const [carol, cyril] = custodians;
  for (const [change, code] of [
    [{ statistics: null }, "shape"],
    [{ statistics: [] }, "shape"],
    [{ statistics: { ...statistics, more: 1 } }, "shape"],
    [{ statistics: { custodians: statistics.custodians } }, "shape"],
    [{ statistics: { ...statistics, custodians: "carol" } }, "shape"],
    [{ statistics: { ...statistics, recipient: "age1pq1" } }, "recipient"],
    [{ statistics: { ...statistics, recipient: carol.recipient } }, "keyring"],
    [{ statistics: { ...statistics, recipient: handlers[0].recipient.toUpperCase() } }, "keyring"],
    [{ statistics: { ...statistics, custodians: ["carol"] } }, "keyring"],
    [{ statistics: { ...statistics, custodians: ["carol", "carol"] } }, "keyring"],
    [{ statistics: { ...statistics, custodians: ["carol", "tom"] } }, "keyring"],
    [{ statistics: { ...statistics, custodians: ["carol", "cyril", "tom"] } }, "keyring"],
    [{ statistics: { ...statistics, custodians: [] }, members: handlers }, "keyring"],
    [{ statistics: { ...statistics, custodians: ["carol"] }, members: [...handlers, carol] }, "keyring"],
    [{ members: [...handlers, { ...carol, role: "handler" }, cyril] }, "keyring"],
    [{ desks: [{ id: "psd", label: "PSD", members: ["tom", "carol"] }] }, "keyring"],
  ]) {
    assert.throws(() => read(withCustodians(change)), refusedAs(code), JSON.stringify(change).slice(0, 200) + code);
  }
  const { statistics: _left, ...without } = withCustodians();
  assert.throws(() => read(without), refusedAs("keyring"));
});

test("there are seven custodians at most", async () => {
  const many = [];
  for (let at = 0; at < 8; at += 1) many.push({ ...(await somebody(`c${at}`, "C")).entry, role: "custodian" });
  const of = (count) => withCustodians({ members: [...people.map(({ entry }) => entry), ...many.slice(0, count)], statistics: { ...statistics, custodians: many.slice(0, count).map(({ id }) => id) } });
  assert.equal(read(of(7)).serial, 7);
  assert.throws(() => read(of(8)), refusedAs("keyring"));
});
