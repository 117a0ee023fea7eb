import type { Random } from "../../support/random.ts";

// Blind changes of bytes. What makes them find anything is which inputs are kept to be changed again.

const EDGES = [0, 1, 0x20, 0x22, 0x2e, 0x30, 0x39, 0x5c, 0x7b, 0x7c, 0x7d, 0x7f, 0x80, 0xfe, 0xff];
const EDGE_INTEGERS = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

type Change = (bytes: number[], random: Random, others: Others) => void;

/** What else a change may draw from. */
export interface Others {
  readonly inputs: readonly Uint8Array[];
  readonly dictionary: readonly Uint8Array[];
}

const place = (bytes: readonly number[], random: Random): number => random.below(Math.max(1, bytes.length));

/** Somewhere and some length, both often small. */
function stretch(bytes: readonly number[], random: Random): [from: number, length: number] {
  const from = place(bytes, random);
  return [from, Math.min(1 + random.below(1 << random.below(7)), bytes.length - from)];
}

const changes: readonly Change[] = [
  (bytes, random) => {
    const at = place(bytes, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  },
  (bytes, random) => {
    bytes[place(bytes, random)] = random.below(256);
  },
  (bytes, random) => {
    bytes[place(bytes, random)] = random.pick(EDGES);
  },
  (bytes, random) => {
    const at = place(bytes, random);
    bytes[at] = ((bytes[at] ?? 0) + random.below(17) - 8) & 0xff;
  },
  (bytes, random) => {
    const [from, length] = stretch(bytes, random);
    bytes.splice(from, length);
  },
  (bytes, random) => {
    const [from, length] = stretch(bytes, random);
    bytes.splice(place(bytes, random), 0, ...bytes.slice(from, from + length));
  },
  (bytes, random) => {
    bytes.splice(place(bytes, random), 0, ...random.bytes(1 + random.below(4)));
  },
  (bytes, random) => {
    const [from, length] = stretch(bytes, random);
    bytes.splice(place(bytes, random), length, ...bytes.slice(from, from + length));
  },
  (bytes, random) => {
    const at = place(bytes, random);
    const integer = random.pick(EDGE_INTEGERS) + BigInt(random.below(3) - 1);
    for (let i = 0; i < 1 << random.below(4); i++) bytes[at + i] = Number((integer >> BigInt(8 * i)) & 0xffn);
  },
  (bytes, random, { dictionary }) => {
    if (dictionary.length > 0) bytes.splice(place(bytes, random), 0, ...random.pick(dictionary));
  },
  (bytes, random, { dictionary }) => {
    if (dictionary.length === 0) return;
    const piece = random.pick(dictionary);
    bytes.splice(place(bytes, random), piece.length, ...piece);
  },
  (bytes, random, { inputs }) => {
    const other = random.pick(inputs);
    const from = random.below(other.length + 1);
    bytes.splice(place(bytes, random), random.below(2) * bytes.length, ...other.subarray(from));
  },
];

/** A changed copy, at most `maxLength` bytes long. */
export function mutate(input: Uint8Array, random: Random, others: Others, maxLength: number): Uint8Array {
  const bytes = [...input];
  for (let left = 1 << random.below(4); left > 0; left--) random.pick(changes)(bytes, random, others);
  return Uint8Array.from(bytes, (byte) => byte ?? 0).subarray(0, maxLength);
}
