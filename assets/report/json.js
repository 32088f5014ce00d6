// A JSON reader that refuses what JSON.parse lets pass: a name twice in one object, numbers that
// are not integers, halves of surrogate pairs. Two readers of one signed text must never see two texts.

import { Refused } from "./refused.js";

const deepest = 16;
const escapes = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

export function parseStrictly(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at !== text.length) reader.refuse("something follows the value");
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  refuse(why) {
    throw new Refused("json", `not JSON as we write it: ${why}`);
  }

  space() {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at++;
  }

  take(token) {
    if (!this.text.startsWith(token, this.at)) this.refuse(`“${token}” is missing`);
    this.at += token.length;
  }

  value(depth) {
    if (depth > deepest) this.refuse("it is nested too deep");
    this.space();
    const first = this.text[this.at];
    if (first === "{") return this.object(depth);
    if (first === "[") return this.array(depth);
    if (first === '"') return this.string();
    if (first === "-" || (first >= "0" && first <= "9")) return this.integer();
    return this.word();
  }

  word() {
    for (const [token, value] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(token, this.at)) {
        this.at += token.length;
        return value;
      }
    }
    return this.refuse("a value is missing");
  }

  object(depth) {
    // A null prototype and a Map of names: “__proto__” is a name like any other, and unknown.
    const members = new Map();
    this.take("{");
    this.space();
    if (this.text[this.at] !== "}") {
      do {
        this.space();
        const name = this.string();
        if (members.has(name)) this.refuse("a name stands twice");
        this.space();
        this.take(":");
        members.set(name, this.value(depth + 1));
        this.space();
      } while (this.comma());
    }
    this.take("}");
    const object = Object.create(null);
    for (const [name, value] of members) object[name] = value;
    return object;
  }

  array(depth) {
    const items = [];
    this.take("[");
    this.space();
    if (this.text[this.at] !== "]") {
      do {
        items.push(this.value(depth + 1));
        this.space();
      } while (this.comma());
    }
    this.take("]");
    return items;
  }

  comma() {
    if (this.text[this.at] !== ",") return false;
    this.at++;
    return true;
  }

  integer() {
    const [digits] = /^-?(?:0|[1-9][0-9]*)/.exec(this.text.slice(this.at, this.at + 24)) ?? [""];
    if (digits === "" || /[0-9.eE]/.test(this.text[this.at + digits.length] ?? "")) this.refuse("a number is not an integer");
    const value = Number(digits);
    if (!Number.isSafeInteger(value)) this.refuse("a number is too large");
    this.at += digits.length;
    return value === 0 ? 0 : value;
  }

  string() {
    this.take('"');
    let read = "";
    for (;;) {
      const start = this.at;
      while (this.at < this.text.length && this.text[this.at] >= " " && !'"\\'.includes(this.text[this.at])) this.at++;
      read += this.text.slice(start, this.at);
      const stop = this.text[this.at++];
      if (stop === '"') break;
      if (stop !== "\\") this.refuse("a string is not closed");
      read += this.escape();
    }
    if (!read.isWellFormed()) this.refuse("a string holds half a character");
    return read;
  }

  escape() {
    const kind = this.text[this.at++];
    if (kind in escapes) return escapes[kind];
    const digits = this.text.slice(this.at, this.at + 4);
    if (kind !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) this.refuse("an escape is not known");
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }
}
