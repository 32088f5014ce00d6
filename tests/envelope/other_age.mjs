// Seals and opens with age-encryption, another implementation of the same format.
//   other_age.mjs seal RECIPIENT...   standard input to an age file
//   other_age.mjs open IDENTITY       an age file to its plaintext
import { readFileSync } from "node:fs";
import { Decrypter, Encrypter } from "age-encryption";

const [verb, ...keys] = process.argv.slice(2);
const given = new Uint8Array(readFileSync(0));

async function seal() {
  const encrypter = new Encrypter();
  for (const key of keys) encrypter.addRecipient(key);
  return encrypter.encrypt(given);
}

async function open() {
  const decrypter = new Decrypter();
  decrypter.addIdentity(keys[0]);
  return decrypter.decrypt(given);
}

process.stdout.write(await (verb === "seal" ? seal() : open()));
