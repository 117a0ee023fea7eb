import { concat, flipBit } from "./bytes.ts";

/** Everything that must not open in place of a sealed text: each bit of its tag turned, shortened, lengthened. */
export function* forgeries(sealed: Uint8Array): Generator<Uint8Array> {
  const tagBit = (sealed.length - 16) * 8;
  for (let bit = 0; bit < 128; bit++) yield flipBit(sealed, tagBit + bit);
  for (let cut = 1; cut <= Math.min(17, sealed.length); cut++) yield sealed.subarray(0, sealed.length - cut);
  yield sealed.subarray(1);
  for (const extra of [0, 1, 255]) {
    yield concat(sealed, Uint8Array.of(extra));
    yield concat(Uint8Array.of(extra), sealed);
  }
  yield concat(sealed, sealed.subarray(tagBit / 8));
}
