import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { VendorPayloads } from "../../../src/tirtc/vendor.ts";
import { flipBit, patched, to32Bytes, toInteger } from "../../support/bytes.ts";
import { hydrogen, NOW, packetOf, plainFields, tokensOf } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";
import { type Scheme, schemes, sharedSecret, type Verifier } from "../../support/schemes.ts";

// T8: a list of used tokens is kept by tokenId. Whatever a stranger does to a token, it is used once; and nothing that a
// stranger sends makes anything here grow.

const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const random = new Random(88);

/** Lets each genuine token in once, as the README says. */
class Door {
  readonly used = new Map<string, bigint>();
  readonly #tokens: Verifier;

  constructor(tokens: Verifier) {
    this.#tokens = tokens;
  }

  enter(token: unknown): boolean {
    const verdict = this.#tokens.verify(token, { now: NOW });
    if (!verdict.valid || this.used.has(verdict.tokenId)) return false;
    this.used.set(verdict.tokenId, verdict.expiresAt);
    return true;
  }
}

describe("a door that lets each token in once", () => {
  it("hydrogen, native rules: of all spellings of a signature one enters", () => {
    const tokens = tokensOf(hydrogen, 2, { strict: false });
    const packet = packetOf(tokens.issue(plainFields(random)));
    const s = toInteger(packet.subarray(992));
    const spellings = Array.from({ length: 17 }, (_, k) => [s + BigInt(k) * L, BigInt(k) * L - s])
      .flat()
      .filter((other) => other >= 0n && other < 2n ** 256n)
      .map((other) => patched(packet, 992, to32Bytes(other)));
    expect(spellings.length).toBeGreaterThanOrEqual(31);
    expect(tokens.verifyMany(spellings, { now: NOW }).validCount).toBe(spellings.length);
    const door = new Door(tokens as unknown as Verifier);
    expect(spellings.filter((spelling) => door.enter(spelling))).toHaveLength(1);
    expect(door.enter(packetOf(tokens.issue(plainFields(random))))).toBe(true);
    expect(door.used.size).toBe(2);
    tokens.dispose();
  });

  it("SnapNet, either case of the signature: one enters", () => {
    const tokens = new SnapNetTokens({ secret: sharedSecret, sessionId: null, upperCaseSignature: true });
    const token = tokens.issue({ userId: "u", sessionId: "s", expiration: NOW + 5n });
    const upper = token.slice(0, -64) + token.slice(-64).toUpperCase();
    const door = new Door(tokens as unknown as Verifier);
    expect([token, upper, token].map((each) => door.enter(each))).toEqual([true, false, false]);
    tokens.dispose();
  });

  /** A token with something changed. */
  function forged(scheme: Scheme, token: unknown, i: number): unknown {
    if (token instanceof Uint8Array) return flipBit(token, i % (token.length * 8));
    const turn = (text: string): string => {
      const at = i % text.length;
      return text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
    };
    if (typeof token === "string") return turn(token);
    const fields = token as Record<string, string>;
    const name = ["user", "timestamp", "token"][i % 3] as string;
    return { ...fields, [name]: turn(fields[name] as string), scheme: scheme.name };
  }

  it.each(schemes)("$name: no flood of forged tokens adds to the list", (scheme) => {
    const { tokens, issue } = scheme.make();
    const door = new Door(tokens);
    const [first, second] = [issue(), issue()];
    expect([door.enter(first), door.enter(second)]).toEqual([true, true]);
    for (let i = 0; i < 5000; i++) {
      if (door.enter(forged(scheme, i % 2 ? first : second, i))) expect.fail(`forged token ${i} entered`);
    }
    expect(door.used.size).toBe(2);
    expect([door.enter(first), door.enter(second)]).toEqual([false, false]);
    tokens.dispose();
  });
});

it("what is kept of peers is bounded, however many are named", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const vendor = new VendorPayloads("ak");
  const nothing = new Uint8Array(64);
  const ask = (from: number, to: number) => {
    for (let i = from; i < to; i++) vendor.read(nothing, 0, 64, `device://${"x".repeat(200)}${i}`);
  };
  ask(0, 2000);
  const before = held();
  ask(2000, 60_000);
  // 58,000 of them would be over 30 MB. The engine takes its time to give buffers back.
  let more = held() - before;
  for (let wait = 0; wait < 100 && more > 5e6; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    more = held() - before;
  }
  expect(more).toBeLessThan(5e6);
});
