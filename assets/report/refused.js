// One error for everything that was read and is not what it should be.

export class Refused extends Error {
  // `code` is for the script to tell cases apart, `message` for whoever reads the page.
  constructor(code, message) {
    super(message);
    this.name = "Refused";
    this.code = code;
  }
}

export function refuseUnless(condition, code, message) {
  if (!condition) throw new Refused(code, message);
}
