import assert from "node:assert/strict";
import { test } from "node:test";

import { Keyring } from "../report/keyring.js";
import { arrange, deskFor, wentElsewhere } from "../report/thread.js";
import { bodyOf, somebody } from "./support.mjs";

const letter = (side, place, postmark, change = {}) => ({
  readers: ["amara"],
  type: "letter", side, place, postmark, digest: `${side}-${place}`, previous: place === 0 ? "" : `${side}-${place - 1}`,
  kind: side === "desk" ? "reply" : place === 0 ? "concern" : "message", desk: "psd", author: side === "desk" ? "amara" : "reporter", ...change,
});
const outline = (found) => arrange(found).items.map(({ type, side, place, first }) => `${type} ${side} ${place ?? first ?? ""}`.trim());

test("letters of two sides stand in their order", () => {
  const found = [
    letter("desk", 1, "2026-11-09"), letter("reporter", 2, null), letter("reporter", 0, "2026-11-01"),
    letter("desk", 0, "2026-11-03"), letter("reporter", 1, "2026-11-03"),
  ];
  assert.deepEqual(outline(found), ["letter reporter 0", "letter reporter 1", "letter desk 0", "letter desk 1", "letter reporter 2"]);
  assert.deepEqual(arrange(found).next, { place: 3, previous: "reporter-2" });
});

test("a second copy is shown once", () => {
  const found = [letter("reporter", 0, "2026-11-05"), letter("reporter", 0, "2026-11-01")];
  assert.deepEqual(arrange(found).items.map(({ postmark }) => postmark), ["2026-11-01"]);
});

test("gaps, forks, breaks and refusals are shown where they are", () => {
  assert.deepEqual(outline([letter("desk", 2, "2026-11-02"), letter("reporter", 0, "2026-11-01")]), ["letter reporter 0", "gap desk 0", "letter desk 2"]);
  assert.deepEqual(
    outline([letter("reporter", 0, "2026-11-01"), letter("reporter", 1, "2026-11-02"), letter("reporter", 1, "2026-11-02", { digest: "other" }), letter("reporter", 2, "2026-11-03")]),
    ["letter reporter 0", "fork reporter 1", "letter reporter 1", "letter reporter 1", "letter reporter 2"],
  );
  assert.deepEqual(
    outline([letter("reporter", 0, "2026-11-01"), letter("reporter", 1, "2026-11-02", { previous: "elsewhere" })]),
    ["letter reporter 0", "broken reporter 1", "letter reporter 1"],
  );
  assert.deepEqual(
    outline([letter("reporter", 0, "2026-11-01"), { type: "refused", side: "desk", postmark: "2026-11-02", why: "" }, letter("desk", 0, "2026-11-03")]),
    ["letter reporter 0", "refused desk", "letter desk 0"],
  );
});

test("an empty mailbox has no concern", () => {
  assert.deepEqual(arrange([]), { items: [], concern: undefined, next: { place: 0, previous: "" } });
});

test("a conversation moves to another desk only on the word of a letter", async () => {
  const [amara, nadia, owen, ruth] = await Promise.all(["amara", "nadia", "owen", "ruth"].map((id) => somebody(id, id)));
  const desks = [["ccu", ["nadia"]], ["independent", ["ruth"]], ["psd", ["amara", "owen"]]].map(([id, members]) => ({ id, label: id, members }));
  const keyring = new Keyring(bodyOf([amara, nadia, owen, ruth], { desks }));
  const concern = letter("reporter", 0, "2026-11-01", { readers: ["amara", "tom"] });
  const says = (place, author, desk, readers) => letter("desk", place, "2026-11-02", { desk, author, readers });
  const desk = (found, named) => deskFor(arrange(found), named, keyring);
  assert.deepEqual(desk([concern], "psd"), { desk: "psd", strange: false });
  assert.deepEqual(desk([concern], "independent"), { desk: "psd", strange: true });
  // Whoever could read it passes it on: from the concern, on the desk since, or gone since.
  for (const author of ["amara", "owen", "tom", "ruth"]) {
    const moved = [concern, says(0, author, "independent", ["ruth"])];
    assert.deepEqual(desk(moved, "independent"), { desk: "independent", strange: false }, author);
    const further = [...moved, says(1, "ruth", "ccu", ["nadia"])];
    assert.deepEqual(desk(further, "ccu"), { desk: "ccu", strange: false }, author);
  }
  const forged = says(0, "nadia", "independent", ["ruth"]);
  assert.deepEqual(desk([concern, forged], "independent"), { desk: "psd", strange: true });
  const toNobody = letter("desk", 1, "2026-11-03", { desk: "psd", author: "amara", readers: ["amara"] });
  assert.deepEqual(desk([{ ...concern, desk: "ccu", readers: ["tom"] }, toNobody], "ccu"), { desk: "ccu", strange: false });
});

test("a letter that was sealed for the team before is noticed", () => {
  const concern = letter("reporter", 0, "2026-11-01");
  const passed = letter("desk", 0, "2026-11-05", { desk: "independent" });
  const lost = (found, named = "independent") => wentElsewhere(arrange(found), named);
  assert.equal(lost([concern, passed]), false);
  // It came before: it was sealed anew with the rest.
  assert.equal(lost([concern, letter("reporter", 1, "2026-11-04"), passed]), false);
  // It came after, on the same day, or waits still.
  for (const day of ["2026-11-06", "2026-11-05", null]) assert.equal(lost([concern, letter("reporter", 1, day), passed]), true, day);
  assert.equal(lost([concern, letter("reporter", 1, "2026-11-06"), letter("reporter", 2, null, { desk: "independent" }), passed]), false);
  assert.equal(lost([concern, letter("reporter", 1, "2026-11-06")], "psd"), false);
  // Passed on once more, neither team can open it; given back, the first one can.
  const again = letter("desk", 1, "2026-11-09", { desk: "chief" });
  assert.equal(lost([concern, letter("reporter", 1, "2026-11-06"), passed, again], "chief"), true);
  assert.equal(lost([concern, letter("reporter", 1, "2026-11-06"), passed, { ...again, desk: "psd" }], "psd"), false);
});
