// Stands in for what the age library could do and this portal never asks of it: recipients on NIST's curves,
// and passphrases. Envelopes have hybrid recipients only; who asked for another would get an error here.

const lengths = { secretKey: 32, publicKey: 33, publicKeyUncompressed: 65, seed: 48 };
const absent = () => {
  throw new Error("this is not built into the page");
};
const curve = { lengths, Point: { Fn: {} }, keygen: absent, getPublicKey: absent, getSharedSecret: absent, utils: { randomSecretKey: absent } };

export const p256 = curve;
export const p384 = curve;
export const scrypt = absent;
