// The two public files that a page needs before it can seal: the keyring and the routing table.

import { readKeyring } from "./keyring.js";
import { fetchBytes } from "./post.js";
import { Refused } from "./refused.js";
import { readTable } from "./routing.js";
import { words } from "./words.js";

export const fetchTable = async () => readTable(await fetchBytes("/report/routing.json"));

export class KeyringSource {
  constructor(signer) {
    this.signer = signer;
    this.serial = 0;
  }

  // Fetched and verified anew before every sealing; one older than this page has seen is refused.
  async current() {
    const bytes = await fetchBytes("/report/keyring.json");
    try {
      const keyring = readKeyring(bytes, this.signer);
      if (keyring.serial < this.serial) throw new Refused("keyring", "the keyring is older than one seen before");
      this.serial = keyring.serial;
      return keyring;
    } catch (error) {
      if (error instanceof Refused) throw new Refused("keyring", words.keyring);
      throw error;
    }
  }
}
