import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { chooseDesk, readTable } from "../report/routing.js";
import { refusedAs } from "./support.mjs";

const at = (path) => new URL(`../../${path}`, import.meta.url);
const data = JSON.parse(readFileSync(at("app/routing/data/routing-1.json"), "utf8"));
const table = readTable(new TextEncoder().encode(JSON.stringify({ ...data, format: "candour-routes/2" })));
const cases = JSON.parse(readFileSync(at("tests/routing/cases.json"), "utf8"));
// The same people as in tests/routing/every.py.
const everybody = {
  psd: ["amara", "tom", "helen"],
  ccu: ["nadia", "owen"],
  independent: ["ruth", "dev"],
  chief: ["mira", "hal"],
  reciprocal: ["grace", "leo"],
  "policing-body": ["joan", "kofi"],
};
const nothingSaid = { about: [], force: "", category: "", wish: "" };

test("the browser decides as the server does", () => {
  assert.ok(cases.length > 0);
  for (const { why, answers, left_out: leftOut = [], desks = everybody, fall_through: fallThrough, desk = null, signposts = [] } of cases) {
    const found = chooseDesk(table, { answers: { ...nothingSaid, ...answers }, leftOut, desks, fallThrough });
    assert.deepEqual(found, { desk, signposts }, why);
  }
});

test("a desk's id that every object has is no desk", () => {
  const answers = { ...nothingSaid, force: "constructor" };
  assert.equal(chooseDesk(table, { answers, leftOut: [], desks: { psd: ["amara", "tom"] } }).desk, "psd");
});

test("a table of another format is refused", () => {
  for (const text of ["", "[]", '{"format": "candour-routing/2"}', '{"format": "candour-routes/3"}']) {
    assert.throws(() => readTable(new TextEncoder().encode(text)), refusedAs("routing"));
  }
});
