// The signed list of who may read (docs/envelope-spec.md, section 7). Recipients come from nowhere else.

import { fromBase64, fromUtf8, utf8 } from "./bytes.js";
import { parseStrictly } from "./json.js";
import { recipientBytes } from "./receipt.js";
import { Refused, refuseUnless } from "./refused.js";
import { isCount, isId, isListOf, isObject, isString, refuseUnlessShaped } from "./shape.js";
import { refuseUnlessKey, refuseUnlessSigned } from "./signature.js";

const context = "candour/keyring/v2\0";
const fewestSignatures = 2;
const custodian = "custodian";
const roles = ["handler", "desk-head", custodian];
const mostMembers = 15;
const fewestCustodians = 2;
const mostCustodians = 7;

// Letters tell a reporter's from a member's by the author.
const isOwnId = (value) => isId(value) && value !== "reporter";
const isList = Array.isArray;

const bodyShape = {
  format: (value) => value === "candour-keyring/2",
  serial: (value) => isCount(value) && value >= 1,
  issued_on: isDate,
  expires_on: isDate,
  members: isList,
  former: isList,
  desks: isList,
};
const memberShape = { id: isOwnId, name: isString, role: (value) => roles.includes(value), recipient: isString, verification_key: isString };
const formerShape = { id: isOwnId, name: isString, verification_key: isString };
// Nothing is sealed to it here, but a keyring is read whole or not at all.
const statisticsShape = { recipient: isString, custodians: isListOf(isId) };
const deskShape = { id: isOwnId, label: isString, members: isListOf(isId) };

function isDate(value) {
  if (!isString(value) || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

export const today = () => new Date().toISOString().slice(0, 10);

// Two of those who may sign a keyring sign it; a stranger's signature beside theirs spoils it.
function refuseUnlessSignedByTwo({ keyring, signatures }, signers) {
  for (const one of signatures) {
    refuseUnlessShaped(one, { signer: isString, signature: isString }, "a signature");
    refuseUnless(signers.includes(one.signer), "signature", "somebody signed the keyring who may not");
    refuseUnlessSigned(context, utf8(keyring), fromBase64(one.signature), fromBase64(one.signer));
  }
  const signed = new Set(signatures.map(({ signer }) => signer)).size;
  refuseUnless(signed === signatures.length && signed >= fewestSignatures, "signature", "the keyring is not signed by two people");
}

// Reads the bytes of keyring.json, and throws Refused unless all of it is as it must be on `day`.
// `signers` are the verification keys of those who may sign it, in base64.
export function readKeyring(bytes, signers, day = today()) {
  const file = parseStrictly(fromUtf8(bytes));
  refuseUnlessShaped(file, { keyring: isString, signatures: isList }, "the keyring file");
  refuseUnlessSignedByTwo(file, signers);
  const body = parseStrictly(file.keyring);
  const optional = Object.fromEntries(["statistics", "fall_through"].filter((name) => Object.hasOwn(body, name)).map((name) => [name, isObject]));
  refuseUnlessShaped(body, { ...bodyShape, ...optional }, "the keyring");
  for (const [desk, falls] of Object.entries(body.fall_through ?? {})) {
    refuseUnless(isId(desk) && isListOf(isId)(falls), "shape", "a fall-through is not a list of desks");
    refuseTwice([desk, ...falls], "in a fall-through, a desk");
  }
  if (body.statistics !== undefined) refuseUnlessShaped(body.statistics, statisticsShape, "the statistics");
  for (const member of body.members) refuseUnlessShaped(member, memberShape, "a member");
  for (const member of body.former) refuseUnlessShaped(member, formerShape, "a former member");
  for (const desk of body.desks) refuseUnlessShaped(desk, deskShape, "a desk");
  refuseClashes(body);
  refuseUnless(body.issued_on <= day && day <= body.expires_on, "keyring_dates", "the keyring is not valid today");
  return new Keyring(body);
}

function refuseTwice(values, what) {
  refuseUnless(new Set(values).size === values.length, "keyring", `${what} stands twice in the keyring`);
}

function refuseClashes({ members, former, desks, statistics }) {
  for (const { verification_key } of [...members, ...former]) refuseUnlessKey(fromBase64(verification_key));
  for (const { recipient } of members) recipientBytes(recipient);
  // Over former members too: a letter is verified by its author's id, so an id has one key.
  refuseTwice([...members, ...former].map(({ id }) => id), "an id");
  refuseTwice([...members, ...former].map(({ verification_key }) => verification_key), "a verification key");
  refuseTwice(members.map(({ recipient }) => recipient.toLowerCase()), "a recipient");
  refuseTwice(desks.map(({ id }) => id), "a desk");
  refuseTwice(desks.flatMap((desk) => desk.members), "a member of a desk");
  const known = new Set(members.map(({ id }) => id));
  for (const desk of desks) {
    refuseUnless(desk.members.length >= 1 && desk.members.length <= mostMembers, "keyring", "a desk has too few members or too many");
    refuseUnless(desk.members.every((id) => known.has(id)), "keyring", "a desk names somebody who is no member");
  }
  refuseUnfitCustody(members, new Set(desks.flatMap((desk) => desk.members)), statistics);
}

// Custodians are members on no desk: nobody ever writes to them, and they write to nobody.
function refuseUnfitCustody(members, onDesks, statistics) {
  const appointed = members.filter(({ role }) => role === custodian).map(({ id }) => id);
  const listed = statistics?.custodians ?? [];
  refuseUnless(!appointed.some((id) => onDesks.has(id)), "keyring", "a custodian is on a desk");
  refuseTwice(listed, "a custodian");
  const same = appointed.length === listed.length && appointed.every((id) => listed.includes(id));
  refuseUnless(same, "keyring", "the custodians are not the members with that role");
  if (statistics === undefined) return;
  refuseUnless(listed.length >= fewestCustodians && listed.length <= mostCustodians, "keyring", "there are too few custodians or too many");
  recipientBytes(statistics.recipient);
  const recipient = statistics.recipient.toLowerCase();
  refuseUnless(!members.some((member) => member.recipient.toLowerCase() === recipient), "keyring", "the statistics' recipient is a member's");
}

export class Keyring {
  constructor({ serial, members, former, desks, fall_through: fallThrough = {} }) {
    this.serial = serial;
    this.members = new Map(members.map((member) => [member.id, member]));
    this.former = new Map(former.map((member) => [member.id, member]));
    this.fallThrough = fallThrough;
    this.desks = new Map(desks.map((desk) => [desk.id, desk]));
  }

  // The members of a desk who may read, sorted by id as a letter lists them.
  readers(desk, leftOut = []) {
    return (this.desks.get(desk)?.members ?? []).filter((id) => !leftOut.includes(id)).sort();
  }

  recipients(readers) {
    return readers.map((id) => this.members.get(id).recipient);
  }

  names(readers) {
    return readers.map((id) => this.members.get(id).name);
  }

  // Whoever signs for a desk, or did.
  person(id) {
    const person = this.members.get(id) ?? this.former.get(id);
    if (person === undefined || person.role === custodian) throw new Refused("unknown_author", "the keyring does not know who signed this");
    return person;
  }
}
