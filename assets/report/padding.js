// Lengths that say little (docs/envelope-spec.md, section 4.4): Padmé over a floor.
// Source: Nikitin et al., “Reducing Metadata Leakage from Encrypted Files and Communication with PURBs”, PoPETs 2019(4), section 4.

export const floor = 8192;
// Every letter of a desk's that encloses a file has this length: four megabytes of file, and its letter.
export const enclosing = 33 * 2 ** 17;
export const block = 512;
export const endOfTar = 1024;

export function paddedLength(length, least = floor) {
  if (length <= least) return least;
  const exponent = bitLength(length) - 1;
  const granule = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(length / granule) * granule;
}

// Bit operators cut at 32 bits and Math.log2 rounds; numbers in base two do neither.
const bitLength = (number) => number.toString(2).length;
