// The two public files that a page needs before it can seal: the keyring and the routing table.

import { digest, hex } from "./bytes.js";
import { readKeyring } from "./keyring.js";
import { fetchBytes } from "./post.js";
import { Refused, refuseUnless } from "./refused.js";
import { readTable } from "./routing.js";
import { words } from "./words.js";

export const fetchTable = async () => readTable(await fetchBytes("/report/routing.json"));

export class KeyringSource {
  constructor(signers) {
    this.signers = signers.split(" ");
    this.serial = 0;
    this.digest = "";
  }

  // Fetched and verified anew before every sealing; one older than this page has seen is refused,
  // and a second one of the same serial.
  async current() {
    const bytes = await fetchBytes("/report/keyring.json");
    try {
      const keyring = readKeyring(bytes, this.signers);
      this.refuseOlder(keyring.serial, hex(digest(bytes)));
      return keyring;
    } catch (error) {
      if (error instanceof Refused) throw new Refused("keyring", words.keyring);
      throw error;
    }
  }

  refuseOlder(serial, found) {
    refuseUnless(serial > this.serial || (serial === this.serial && found === this.digest), "keyring", "the keyring is not the one seen before");
    this.serial = serial;
    this.digest = found;
  }
}
