import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase64, fromUtf8, toBase64 } from "../report/bytes.js";
import { parseStrictly } from "../report/json.js";
import { refusedAs } from "./support.mjs";

const plain = (value) => JSON.parse(JSON.stringify(value));

test("it reads what JSON.parse reads", () => {
  for (const text of [
    '{"a": [1, -2, 0, true, false, null], "b": {"c": "\\u00e9\\n\\"\\\\\\/"}, "": []}',
    ' [ ] ',
    '"\\ud83d\\ude00 é 😀"',
    "9007199254740991",
    '{"__proto__": "a name like any other"}',
  ]) {
    assert.deepEqual(plain(parseStrictly(text)), JSON.parse(text), text);
  }
});

test("it refuses what could be read in two ways", () => {
  for (const text of [
    '{"a": 1, "a": 1}',
    '{"a": 1, "\\u0061": 2}',
    "1.0",
    "1e3",
    "9007199254740993",
    "01",
    "-",
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"a\nb"',
    '"\\x41"',
    "NaN",
    "[1,]",
    '{"a": 1,}',
    "[1] 2",
    "",
    "\ufeff{}",
    "'a'",
    "[".repeat(100) + "]".repeat(100),
  ]) {
    assert.throws(() => parseStrictly(text), refusedAs("json"), text);
  }
});

test("bytes are read strictly too", () => {
  assert.throws(() => fromUtf8(Uint8Array.of(0xc3)), refusedAs("not_utf8"));
  assert.equal(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf)), "\ufeff");
  assert.deepEqual(fromBase64(toBase64(Uint8Array.of(0, 255, 7, 9))), Uint8Array.of(0, 255, 7, 9));
  for (const text of ["AA", "AA=", "AB==", "A A=", "AA==\n", "_w=="]) assert.throws(() => fromBase64(text), refusedAs("not_base64"), text);
});
