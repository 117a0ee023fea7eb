import { afterEach, describe, expect, it, vi } from "vitest";
import { drawEntropy } from "../../../src/common/random.ts";
import { hydrogen, NOW, nativeOf, plainFields, type SuiteUnderTest, xchacha } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";

// T18: a nonce that comes twice gives away what it should hide. All randomness of issued tokens goes through drawEntropy.

/** How many of the numbers stand there more than once. Sorts them. */
function repeated(numbers: BigUint64Array): number {
  numbers.sort();
  let count = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i] === numbers[i - 1]) count++;
  return count;
}

const first8 = (bytes: Uint8Array): bigint => Buffer.from(bytes).readBigUInt64LE();

afterEach(() => {
  vi.resetModules();
});

describe("random bytes", () => {
  it.each([16, 24, 52])("1,000,000 draws of %i bytes differ in their first eight, and in their last", (length) => {
    const starts = new BigUint64Array(1_000_000);
    const ends = new BigUint64Array(1_000_000);
    for (let i = 0; i < 1_000_000; i++) {
      const bytes = drawEntropy(length, undefined);
      starts[i] = first8(bytes);
      ends[i] = first8(bytes.subarray(length - 8));
    }
    // By chance one in 37 million runs would find a pair in either.
    expect([repeated(starts), repeated(ends)]).toEqual([0, 0]);
  });

  it("the count of repeated ones counts", () => {
    expect(repeated(BigUint64Array.of(3n, 1n, 2n, 1n, 3n, 3n))).toBe(3);
  });
});

/** As after a restart: modules of their own, with nothing left of what others drew. */
async function restarted() {
  vi.resetModules();
  const { CuteTokens } = await import("../../../src/cute/index.ts");
  const { TirtcTokens } = await import("../../../src/tirtc/index.ts");
  return { CuteTokens, TirtcTokens };
}

const random = new Random(18);
const fields = plainFields(random);
const nonceOf = (suite: SuiteUnderTest, token: Uint8Array): bigint => first8(token.subarray(90 + suite.publicBytes));

describe("tokens of the same fields", () => {
  it.each([
    [hydrogen, 5000],
    [xchacha, 50_000],
  ] as const)("$suite: each has a nonce of its own", async (suite, count) => {
    const { CuteTokens } = await restarted();
    const { secret, applicationId } = nativeOf(suite, 2);
    const tokens = new CuteTokens({ suite: suite.suite, secret, applicationId });
    const nonces = BigUint64Array.from({ length: count }, () => nonceOf(suite, tokens.issue(fields)));
    expect(repeated(nonces)).toBe(0);
    tokens.dispose();
  });

  it("hydrogen: the IV and the signature's randomness are fresh, each on its own", async () => {
    const { CuteTokens } = await restarted();
    const { secret, applicationId } = nativeOf(hydrogen, 2);
    const tokens = new CuteTokens({ secret, applicationId });
    const issued = Array.from({ length: 2000 }, () => tokens.issue(fields));
    // R is made of the second part of the randomness, the SIV of the first.
    for (const at of [90 + 568, 90 + 960]) {
      expect(repeated(BigUint64Array.from(issued, (token) => first8(token.subarray(at))))).toBe(0);
    }
    tokens.dispose();
  });

  it("TiRTC: each has a nonce of its own", async () => {
    const { TirtcTokens } = await restarted();
    const tokens = new TirtcTokens({ accessId: "a", secretKey: "k", singleSignature: true });
    const nonces = Array.from({ length: 50_000 }, () => {
      const payload = tokens.issue({ peerId: "p", sub: "s" }, { now: NOW }).split(".")[1] as string;
      return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { nonce: string }).nonce;
    });
    expect(new Set(nonces).size).toBe(50_000);
    tokens.dispose();
  });

  it("nothing begins again after a restart", async () => {
    const nonces: bigint[] = [];
    for (let start = 0; start < 20; start++) {
      const { CuteTokens } = await restarted();
      for (const suite of [hydrogen, xchacha]) {
        const { secret, applicationId } = nativeOf(suite, 2);
        const tokens = new CuteTokens({ suite: suite.suite, secret, applicationId });
        for (let i = 0; i < 50; i++) nonces.push(nonceOf(suite, tokens.issue(fields)));
        tokens.dispose();
      }
    }
    expect(repeated(BigUint64Array.from(nonces))).toBe(0);
    expect(nonces).toHaveLength(2000);
  });
});
