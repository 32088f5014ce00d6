// A mailbox's letters: opened, checked, put in order, and whatever does not fit said aloud
// (docs/envelope-spec.md, sections 5.3 and 5.4). Nothing is dropped in silence.

import { breathe } from "./breathe.js";
import { fromBase64 } from "./bytes.js";
import { openFirstChunk } from "./envelope.js";
import { readLetter } from "./letter.js";
import { readFirstChunk } from "./parcel.js";
import { Refused } from "./refused.js";

const sides = ["reporter", "desk"];

async function openEntry(entry, { identity, mailbox, keyring }) {
  const { chunk, whole } = await openFirstChunk(fromBase64(entry.header), fromBase64(entry.head), identity);
  const { letter, signature } = readFirstChunk(chunk, whole);
  return { ...readLetter(letter, signature, { side: entry.side, mailbox, keyring }), side: entry.side, postmark: entry.postmark };
}

// Opens every entry; what is refused comes back as a warning beside its postmark.
export async function openEntries(entries, keys, keyring) {
  const letters = [];
  const warnings = [];
  for (const entry of entries) {
    try {
      letters.push(await openEntry(entry, { identity: keys.identity, mailbox: keys.mailbox, keyring }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      warnings.push({ kind: "refused", why: error.message, side: entry.side, postmark: entry.postmark });
    }
    await breathe();
  }
  return { letters, warnings };
}

// A second copy of the same letter is shown once.
function withoutCopies(letters) {
  return [...new Map(letters.map((letter) => [letter.digest, letter])).values()];
}

// Looks at one side's chain, and returns its letters in order and what is wrong with them.
function chainOf(letters, side) {
  const own = withoutCopies(letters.filter((letter) => letter.side === side)).sort((one, other) => one.place - other.place);
  const warnings = [];
  const last = own.at(-1)?.place ?? -1;
  for (let place = 0; place <= last; place++) {
    const here = own.filter((letter) => letter.place === place);
    const before = own.filter((letter) => letter.place === place - 1);
    if (here.length === 0) warnings.push({ kind: "gap", place, side });
    if (here.length > 1) warnings.push({ kind: "fork", place, side });
    for (const letter of here) {
      const follows = place === 0 || before.length === 0 || before.some(({ digest }) => digest === letter.previous);
      if (!follows) warnings.push({ kind: "broken", place, side });
    }
  }
  return { own, warnings };
}

const never = "9999-12-31"; // what waits for its collection comes last

// Merges the sides by postmark. On one day the order is not known: the reporter's come first.
function merged(reporter, desk) {
  const order = [];
  const [ours, theirs] = [[...reporter], [...desk]];
  while (ours.length > 0 || theirs.length > 0) {
    const takeOurs = theirs.length === 0 || (ours.length > 0 && (ours[0].postmark ?? never) <= (theirs[0].postmark ?? never));
    order.push((takeOurs ? ours : theirs).shift());
  }
  return order;
}

// Returns what the page shows and what the next message must say.
export function arrange(letters) {
  const [reporter, desk] = sides.map((side) => chainOf(letters, side));
  const concern = reporter.own.find((letter) => letter.place === 0);
  const last = reporter.own.at(-1);
  return {
    letters: merged(reporter.own, desk.own),
    warnings: [...reporter.warnings, ...desk.warnings],
    concern,
    next: { place: (last?.place ?? -1) + 1, previous: last?.digest ?? "" },
  };
}

// The desk a further message goes to: the one the server names, if a verified letter vouches for it,
// otherwise the one the reporter chose. A server cannot move a conversation on its own word.
export function deskFor(arranged, named, keyring) {
  const vouched = arranged.letters.some(
    (letter) => letter.desk === named && (letter.kind === "concern" || keyring.readers(named).includes(letter.author)),
  );
  return vouched ? { desk: named, strange: false } : { desk: arranged.concern.desk, strange: true };
}
