// A mailbox's letters: opened, checked, put in order, and whatever does not fit said aloud
// (docs/envelope-spec.md, sections 5.3 and 5.4). Nothing is dropped in silence.
// app/envelope/thread.py arranges in the same way.

import { breathe } from "./breathe.js";
import { fromBase64 } from "./bytes.js";
import { openFirstChunk } from "./envelope.js";
import { readLetter } from "./letter.js";
import { readFirstChunk } from "./parcel.js";
import { Refused } from "./refused.js";

const never = "9999-12-31"; // what waits for its collection comes last

async function openEntry(entry, { identity, mailbox, keyring }) {
  const { chunk, whole } = await openFirstChunk(fromBase64(entry.header), fromBase64(entry.head), identity);
  const { letter, signature } = readFirstChunk(chunk, whole);
  const { id, header } = entry;
  return { type: "letter", side: entry.side, postmark: entry.postmark, envelope: { id, header }, ...readLetter(letter, signature, { side: entry.side, mailbox, keyring }) };
}

// Opens every entry; one that does not open or verify comes back as a refusal in its place.
export async function openEntries(entries, keys, keyring) {
  const found = [];
  for (const entry of entries) {
    try {
      found.push(await openEntry(entry, { identity: keys.identity, mailbox: keys.mailbox, keyring }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      found.push({ type: "refused", why: error.message, side: entry.side, postmark: entry.postmark });
    }
    await breathe();
  }
  return found;
}

// Returns the thread's items in their order, and what the reporter's next letter must say.
export function arrange(found) {
  const [reporter, desk] = ["reporter", "desk"].map((side) => oneSide(found.filter((item) => item.side === side)));
  const items = merged(reporter, desk).map(({ item }) => item);
  const own = items.filter((item) => item.type === "letter" && item.side === "reporter");
  // In a fork at the end the first stands for the rest: any of them continues the chain.
  const last = own.reduce((latest, letter) => (latest === undefined || letter.place > latest.place ? letter : latest), undefined);
  return {
    items,
    concern: own.find((letter) => letter.place === 0),
    next: { place: (last?.place ?? -1) + 1, previous: last?.digest ?? "" },
  };
}

// The desk a further message goes to: the one the server names, if a verified letter vouches for it,
// otherwise the one the reporter chose. A server cannot move a conversation on its own word. Who
// passes a case on is of the desk that it leaves, and signs the last letter from there (section 9);
// a member who could never read it vouches for nothing but the desk she is on.
export function deskFor({ items, concern }, named, keyring) {
  const desks = new Set([concern.desk]);
  const could = new Set(concern.readers);
  for (const item of items.filter(({ type, side }) => type === "letter" && side === "desk")) {
    const isOn = (desk) => keyring.readers(desk).includes(item.author);
    if (!could.has(item.author) && ![item.desk, ...desks].some(isOn)) continue;
    desks.add(item.desk);
    for (const reader of item.readers) could.add(reader);
  }
  return desks.has(named) ? { desk: named, strange: false } : { desk: concern.desk, strange: true };
}

// Whether the reporter's last letter may lie there for a team that has the thread no more: it comes
// after a letter that passed it on, and is sealed to another team. On one day nobody can tell which was first.
export function wentElsewhere({ items }, named) {
  const letters = items.filter(({ type }) => type === "letter");
  const newest = (side, until = never) => letters.filter((letter) => letter.side === side && dayOf(letter) <= until).reduce((latest, letter) => (latest === undefined || letter.place > latest.place ? letter : latest), undefined);
  const own = newest("reporter");
  if (own === undefined || own.place === 0) return false;
  const passed = newest("desk", dayOf(own));
  return passed !== undefined && passed.desk !== own.desk && named !== own.desk;
}

const dayOf = (item) => item.postmark ?? never;
const by = (...keys) => (one, other) => {
  for (const key of keys) {
    if (key(one) !== key(other)) return key(one) < key(other) ? -1 : 1;
  }
  return 0;
};

// One side's items, each with the day that it is sorted by.
function oneSide(found) {
  const refused = found.filter(({ type }) => type === "refused").sort(by(dayOf));
  const letters = onceEach(found.filter(({ type }) => type === "letter"));
  return merged(neverBack(inPlaces(letters)), refused.map((item) => ({ day: dayOf(item), item })));
}

// A second copy of a letter is shown once, with its earliest postmark.
function onceEach(letters) {
  const once = new Map();
  for (const letter of [...letters].sort(by(dayOf))) if (!once.has(letter.digest)) once.set(letter.digest, letter);
  return [...once.values()].sort(by(({ place }) => place, dayOf, ({ digest }) => digest));
}

function inPlaces(letters) {
  const items = [];
  let expected = 0;
  // What the next letter may name as `previous`; undefined behind a gap, where nobody can tell.
  let chain = [""];
  for (const place of new Set(letters.map((letter) => letter.place))) {
    const here = letters.filter((letter) => letter.place === place);
    const { side, postmark } = here[0];
    if (place > expected) {
      items.push({ type: "gap", side, postmark, first: expected, last: place - 1 });
      chain = undefined;
    }
    if (here.length > 1) items.push({ type: "fork", side, postmark, place });
    else if (chain !== undefined && !chain.includes(here[0].previous)) items.push({ type: "broken", side, postmark, place });
    items.push(...here);
    expected = place + 1;
    chain = here.map(({ digest }) => digest);
  }
  return items;
}

// Dates the items so that a late letter does not pull those after it before it.
function neverBack(items) {
  let day = "";
  return items.map((item) => {
    if (dayOf(item) > day) day = dayOf(item);
    return { day, item };
  });
}

// Merges two dated lists. On one day the order is not known: the first list goes first.
function merged(first, second) {
  const order = [];
  const [ours, theirs] = [[...first], [...second]];
  while (ours.length > 0 || theirs.length > 0) {
    const takeOurs = theirs.length === 0 || (ours.length > 0 && ours[0].day <= theirs[0].day);
    order.push((takeOurs ? ours : theirs).shift());
  }
  return order;
}
