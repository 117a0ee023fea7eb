import { vi } from "vitest";
import { kernels, type Secrets } from "./secrets.ts";
import { Windows } from "./windows.ts";

/** Held to be clean by tests of their own. */
const memories = new Set<ArrayBufferLike>(Object.values(kernels).map(({ memory }) => memory.buffer));

/** What became of the copies of secrets that were made in the course of a call. */
export interface Copies {
  /** Those that still hold one. */
  readonly left: readonly string[];
  /** How many held one when they were wiped. */
  readonly wiped: number;
}

/**
 * Runs a call and follows every array of bytes that is made in it, however it is made: those that the caller is given, as
 * the call's result, are the caller's.
 */
export function copiesIn(secrets: Secrets, run: () => unknown): Copies {
  const windows = new Windows(secrets);
  const made = new Set<ArrayBufferLike>();
  let wiped = 0;
  const note = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
    if (!memories.has(bytes.buffer)) made.add(bytes.buffer);
    return bytes;
  };
  const { slice, fill } = Uint8Array.prototype;
  const { encode } = TextEncoder.prototype;
  vi.spyOn(Uint8Array.prototype, "slice").mockImplementation(function (this: Uint8Array, ...range) {
    return note(slice.apply(this, range) as Uint8Array<ArrayBuffer>);
  });
  vi.spyOn(Uint8Array.prototype, "fill").mockImplementation(function (this: Uint8Array, ...filling) {
    const before = made.has(this.buffer) ? windows.find(slice.call(this)).length : 0;
    fill.apply(this, filling);
    if (before > 0 && windows.find(slice.call(this)).length === 0) wiped++;
    return this;
  });
  vi.spyOn(TextEncoder.prototype, "encode").mockImplementation(function (this: TextEncoder, text) {
    return note(encode.call(this, text));
  });
  const construct = (target: typeof Uint8Array, given: unknown[], maker: unknown): Uint8Array => {
    const bytes = Reflect.construct(target, given, maker === Traced ? target : (maker as typeof Uint8Array));
    return bytes.buffer === given[0] ? bytes : note(bytes); // a view is no copy
  };
  const Traced: typeof Uint8Array = new Proxy(Uint8Array, { construct });
  vi.stubGlobal("Uint8Array", Traced);
  let result: unknown;
  try {
    result = run();
  } finally {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  }
  if (result instanceof Uint8Array) made.delete(result.buffer);
  return { left: [...made].flatMap((buffer) => windows.find(new Uint8Array(buffer)).slice(0, 1)), wiped };
}
