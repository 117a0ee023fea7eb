import fc from "fast-check";
import { ConnectTokensError, type ErrorCode } from "../../src/errors.ts";

/** Holds a property for so many values, the same each time. */
export function holds<Values extends [unknown, ...unknown[]]>(
  runs: number,
  ...property: [
    ...arbitraries: { [i in keyof Values]: fc.Arbitrary<Values[i]> },
    predicate: (...values: Values) => void,
  ]
): void {
  const predicate = property.pop() as (...values: Values) => void;
  const values = fc.tuple(...(property as unknown as fc.Arbitrary<unknown>[]));
  const run = (given: unknown[]): void => {
    predicate(...(given as Values)); // what it returns, such as an assertion, says nothing
  };
  fc.assert(fc.property(values, run), { seed: 20_261_121, numRuns: runs });
}

/** Values of every type there is. */
export const anything: fc.Arbitrary<unknown> = fc.anything({
  ...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true },
  ...{ withObjectString: true, withSet: true, withSparseArray: true, withTypedArray: true },
  maxDepth: 2,
});

/** An object whose properties are sound, missing or anything; so may the object itself be. */
export function spoiled(sound: Record<string, unknown>): fc.Arbitrary<never> {
  const properties = Object.entries(sound).map(([name, value]) => [
    name,
    fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: anything }),
  ]);
  const model = Object.fromEntries(properties) as Record<string, fc.Arbitrary<unknown>>;
  const object = fc.oneof(
    { weight: 4, arbitrary: fc.record(model) },
    { weight: 4, arbitrary: fc.record(model, { requiredKeys: [] }) },
    { weight: 1, arbitrary: anything },
  );
  return object as fc.Arbitrary<never>;
}

const ARGUMENT_CODES: readonly ErrorCode[] = ["ERR_TYPE", "ERR_RANGE", "ERR_FORMAT"];

/** What `run` gives, or the code of the package's own error about an argument. Any other error is thrown on. */
export function resultOrCode<Result>(run: () => Result): Result | ErrorCode {
  try {
    return run();
  } catch (error) {
    if (error instanceof ConnectTokensError && ARGUMENT_CODES.includes(error.code) && error.argument !== "") {
      return error.code;
    }
    throw error;
  }
}

/** Texts of ASCII, of any Unicode, and with lone surrogates. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
);

/** Text in well-formed UTF-16. */
export const wellFormed: fc.Arbitrary<string> = fc.string({ unit: "binary" });

/** Unsigned 64-bit numbers, the edges of what a double, a signed and an unsigned one can hold among them. */
export const u64: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

export const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });
