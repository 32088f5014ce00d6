// The reporter's scripts, as a browser runs them: writes a concern and reads a reply.
// Standard input and output are JSON; bytes are base64.
import { readFileSync } from "node:fs";

import { collected, seal } from "../../assets/report/envelope.js";
import { readKeyring } from "../../assets/report/keyring.js";
import { readLetter, writeLetter } from "../../assets/report/letter.js";
import { parcel, readFirstChunk } from "../../assets/report/parcel.js";
import { keysOf } from "../../assets/report/receipt.js";

const given = JSON.parse(readFileSync(0));
const bytesOf = (text) => new Uint8Array(Buffer.from(text, "base64"));
const textOf = (bytes) => Buffer.from(bytes).toString("base64");

const keys = await keysOf(bytesOf(given.entropy));
const keyring = readKeyring(bytesOf(given.keyring), given.signers, given.today);
const readers = keyring.readers("psd", ["omar"]);

const { bytes, signature } = writeLetter(keys, {
  place: 0, previous: "", desk: "psd", readers, leftOut: ["omar"], keyring: keyring.serial,
  answers: given.answers, text: "", attachments: given.attachments,
});
const files = given.contents.map((content) => new Blob([bytesOf(content)]));
const { length, stream } = parcel(bytes, signature, files);
const envelope = await collected(await seal(stream, [keys.recipient, ...keyring.recipients(readers)]));

const found = readFirstChunk(bytesOf(given.reply));
const reply = readLetter(found.letter, found.signature, { side: "desk", mailbox: keys.mailbox, keyring });

process.stdout.write(JSON.stringify({
  tag: keys.tag, mailbox: keys.mailbox, recipient: keys.recipient, length,
  envelope: textOf(await envelope.arrayBuffer()), reply: reply.text,
}));
