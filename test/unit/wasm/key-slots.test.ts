import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hmacSha256 } from "../../../src/crypto.ts";
import { CuteTokens, generateSigningKeyPair } from "../../../src/cute/index.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { TirtcTokens } from "../../../src/tirtc/index.ts";
import { cuteKernel } from "../../../src/wasm/cute/kernel.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { KeySlots, type PreparedKey } from "../../../src/wasm/key-slots.ts";
import { flipBit, hex } from "../../support/bytes.ts";
import { collected } from "../../support/collect.ts";
import { NOW, packetOf, plainFields } from "../../support/cute.ts";
import { expectError } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

// A key slot is a place in a cache: how many objects live, and who disposes of them, is no one's concern.

const SLOTS = 1024;
const SLOT_BYTES = 8;
const random = new Random(9);

describe("KeySlots", () => {
  const memory = new Uint8Array(3 * SLOT_BYTES);
  let slots: KeySlots;
  const slotOf = (slot: number): number[] => [...memory.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES)];
  const bytesOf = (name: number): number[] => [...new Array<number>(5).fill(name), 0, 0, 0];

  function fresh(): void {
    memory.fill(0);
    slots = new KeySlots(memory, SLOT_BYTES);
  }

  /** A key of five bytes, all of them its name. */
  function keep(name: number, owner: object = {}): PreparedKey {
    const slot = slots.claim();
    memory.fill(name, slot * SLOT_BYTES, slot * SLOT_BYTES + 5);
    memory.fill(0, slot * SLOT_BYTES + 5, (slot + 1) * SLOT_BYTES);
    return slots.keep(owner, slot, 5);
  }

  it("gives each key the slot that was not used for longest, with its own bytes and nothing of another's", () => {
    fresh();
    const keys = [1, 2, 3].map((name) => keep(name));
    expect(keys.map(({ slot }) => slot)).toEqual([0, 1, 2]);
    slots.use(keys[0] as PreparedKey);
    const fourth = keep(4);
    expect([fourth.slot, ...keys.map(({ slot }) => slot)]).toEqual([1, 0, -1, 2]);
    memory.fill(0xee, 2 * SLOT_BYTES, 3 * SLOT_BYTES); // whatever a longer key left there
    expect(slots.use(keys[1] as PreparedKey)).toBe(2);
    expect([slotOf(0), slotOf(1), slotOf(2)]).toEqual([bytesOf(1), bytesOf(4), bytesOf(2)]);
    expect(keys.map(({ slot }) => slot)).toEqual([0, 2, -1]);
  });

  it("holds to a list that is plain to read, for 5,000 uses, losses and new keys by chance", () => {
    fresh();
    const order: (PreparedKey | undefined)[] = [undefined, undefined, undefined]; // oldest first
    const names = new Map<PreparedKey, number>();
    const oldest = (key: PreparedKey): void => {
      order.shift();
      order.push(key);
    };
    for (let i = 0; i < 5000; i++) {
      const known = [...names.keys()];
      const key = known.length > 0 ? random.pick(known) : undefined;
      const act = random.below(10);
      if (act < 2 || !key) {
        const name = 1 + (i % 250);
        const made = keep(name);
        names.set(made, name);
        oldest(made);
      } else if (act < 4) {
        slots.release(key);
        const at = order.indexOf(key);
        if (at >= 0) {
          order.splice(at, 1);
          order.unshift(undefined);
        }
        names.delete(key);
        expect([key.bytes.length, key.slot]).toEqual([0, -1]);
      } else {
        const slot = slots.use(key);
        expect(slotOf(slot)).toEqual(bytesOf(names.get(key) as number));
        const at = order.indexOf(key);
        if (at >= 0) order.push(...order.splice(at, 1));
        else oldest(key);
      }
      expect(slots.held).toBe(order.filter(Boolean).length);
      for (const each of names.keys()) expect(each.slot >= 0).toBe(order.includes(each));
    }
  });

  it("wipes a key that is gone, in its slot and beside it, whether it has a slot or not", () => {
    fresh();
    const keys = [1, 2, 3, 4].map((name) => keep(name));
    const copies = keys.map(({ bytes }) => bytes);
    expect(copies.map((bytes) => [...bytes])).toEqual([1, 2, 3, 4].map((name) => Array(5).fill(name)));
    for (const key of keys) {
      slots.release(key);
      slots.release(key);
    }
    expect(copies.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    expect(memory.every((byte) => byte === 0)).toBe(true);
    expect(slots.held).toBe(0);
  });

  it("keeps copies in memory that the collector does not move", () => {
    fresh();
    // An array of up to 64 bytes on V8's own heap gets its buffer when it is asked for: one of its length.
    const [one, other] = [keep(1), keep(2)];
    expect(one.bytes.buffer.byteLength).toBeGreaterThan(64);
    expect(one.bytes.buffer).toBe(other.bytes.buffer);
    expect(one.bytes.byteOffset).not.toBe(other.bytes.byteOffset);
  });

  it("wipes what was forgotten, where the engine tells", { timeout: 30_000 }, async () => {
    fresh();
    const kept = {};
    const keys = [keep(1), keep(2, kept), keep(3), keep(4)];
    const copies = keys.map(({ bytes }) => bytes);
    await collected(() => copies.filter((bytes) => bytes.every((byte) => byte === 0)).length === 3);
    expect([...(copies[1] as Uint8Array)]).toEqual([2, 2, 2, 2, 2]);
    expect(slots.held).toBe(1);
    expect(slotOf(slots.use(keys[1] as PreparedKey))).toEqual(bytesOf(2));
    expect(memory.filter((byte) => byte !== 0)).toEqual(Uint8Array.of(2, 2, 2, 2, 2));
    expect(kept).toBeDefined();
  });
});

interface Holder {
  dispose(): void;
  works(): boolean;
}

const kernels = { hmac: hmacKernel, cute: cuteKernel };
const makers: Record<"hmac" | "cute", (secret: Uint8Array | Uint8Array[]) => Holder> = {
  hmac: (secret) => {
    const tokens = new SnapNetTokens({ secret, sessionId: "s" });
    const works = () => {
      const token = tokens.issue({ userId: "u", expiration: NOW + 1n });
      const key = Array.isArray(secret) ? (secret[0] as Uint8Array) : secret;
      const signature = createHmac("sha256", key).update(token.slice(0, -65)).digest("hex");
      return token.endsWith(`|${signature}`) && tokens.verify(token, { now: NOW }).valid;
    };
    return { dispose: () => tokens.dispose(), works };
  },
  cute: (secret) => {
    const tokens = new CuteTokens({ suite: "xchacha20poly1305", secret, applicationId: 1 });
    const works = () => tokens.verify(packetOf(tokens.issue(plainFields(random))), { now: NOW }).valid;
    return { dispose: () => tokens.dispose(), works };
  },
};

const held: Holder[] = [];

afterEach(() => {
  for (const holder of held.splice(0)) holder.dispose();
});

describe.each(["hmac", "cute"] as const)("holders of keys in %s.wasm", (name) => {
  const make = makers[name];

  it("work, 5,000 of them at once, in any order, and none after dispose", () => {
    const { slots, slotMemory } = kernels[name]();
    for (let i = 0; i < 5000; i++) held.push(make(random.bytes(32)));
    expect(slots.held).toBe(SLOTS);
    expect(held.every((holder) => holder.works())).toBe(true);
    expect([...held].reverse().every((holder) => holder.works())).toBe(true);
    for (let i = 0; i < 2000; i++) expect(random.pick(held).works()).toBe(true);
    for (const holder of held) {
      holder.dispose();
      holder.dispose();
    }
    expect(() => (held[0] as Holder).works()).toThrow("disposed");
    expect(() => (held[4999] as Holder).works()).toThrow("disposed");
    expect([slots.held, slotMemory.every((byte) => byte === 0)]).toEqual([0, true]);
  });

  it("may have more secrets each than there are slots", () => {
    const secrets = Array.from({ length: SLOTS + 100 }, () => random.bytes(32));
    const all = make(secrets);
    held.push(all);
    expect(all.works()).toBe(true);
    expect(kernels[name]().slots.held).toBe(SLOTS);
  });

  it("that were forgotten are wiped, and their slots free again", { timeout: 30_000 }, async () => {
    const { slots, slotMemory } = kernels[name]();
    const forget = () => {
      for (let i = 0; i < 1500; i++) make(random.bytes(32));
    };
    forget();
    expect(slots.held).toBe(SLOTS);
    await collected(() => slots.held === 0);
    expect(slotMemory.every((byte) => byte === 0)).toBe(true);
  });

  it("work where the engine has no FinalizationRegistry", async () => {
    vi.stubGlobal("FinalizationRegistry", undefined);
    vi.resetModules();
    try {
      const snapnet = await import("../../../src/snapnet/index.ts");
      const cute = await import("../../../src/cute/index.ts");
      for (let i = 0; i < 1100; i++) {
        const secret = random.bytes(32);
        if (name === "hmac") {
          const tokens = new snapnet.SnapNetTokens({ secret, sessionId: "s" });
          expect(tokens.verify(tokens.issue({ userId: "u" })).valid).toBe(true);
        } else {
          const tokens = new cute.CuteTokens({ suite: "xchacha20poly1305", secret, applicationId: 1 });
          expect(tokens.verify(packetOf(tokens.issue(plainFields(random))), { now: NOW }).valid).toBe(true);
        }
      }
    } finally {
      vi.unstubAllGlobals();
      vi.resetModules();
    }
  });
});

describe("an object with more secrets than there are slots", () => {
  const COUNT = SLOTS + 76;

  it("verifies texts under any of them, one by one and many, and says which it was", () => {
    const secrets = Array.from({ length: COUNT }, () => random.bytes(32));
    const tokens = new SnapNetTokens({ secret: secrets, sessionId: "s" });
    held.push({ dispose: () => tokens.dispose(), works: () => true });
    const indexes = [0, 1, 500, SLOTS - 1, SLOTS, SLOTS + 1, COUNT - 1];
    const texts = indexes.map((index) => {
      const one = new SnapNetTokens({ secret: secrets[index] as Uint8Array, sessionId: "s" });
      const token = one.issue({ userId: `u${index}`, expiration: NOW + 1n });
      one.dispose();
      return token;
    });
    const verdicts = tokens.verifyMany([...texts, "x".repeat(100)], { now: NOW });
    expect(verdicts.validCount).toBe(indexes.length);
    const found = [...texts.map((text) => tokens.verify(text, { now: NOW })), ...[...verdicts].slice(0, -1)];
    expect(found.map((verdict) => verdict.valid && verdict.secretIndex)).toEqual([...indexes, ...indexes]);
  });

  it("verifies texts that are signed twice, by their devices' keys within", () => {
    const secretKey = Array.from({ length: COUNT }, (_, i) => `app ${i}`);
    const deviceSecretKey = (peerId: string) => `device of ${peerId}`;
    const all = new TirtcTokens({ accessId: "a", secretKey, deviceSecretKey });
    held.push({ dispose: () => all.dispose(), works: () => true });
    const texts = Array.from({ length: 300 }, (_, i) => {
      const peerId = `peer ${i}`;
      const secret = secretKey[i % 2 ? COUNT - 1 : i] as string;
      const one = new TirtcTokens({ accessId: "a", secretKey: secret, deviceSecretKey: deviceSecretKey(peerId) });
      const token = one.issue({ peerId, sub: "s", iat: NOW });
      one.dispose();
      return token;
    });
    expect(all.verifyMany(texts, { now: NOW }).validCount).toBe(300);
  });

  it.each(["hydrogen", "xchacha20poly1305"] as const)("opens packets of the suite %s under any of them", (suite) => {
    const secrets = Array.from({ length: COUNT }, () =>
      suite === "hydrogen" ? generateSigningKeyPair(random.bytes(32)).secretKey : random.bytes(32),
    );
    const tokens = new CuteTokens({ suite, secret: secrets, applicationId: 1 });
    held.push({ dispose: () => tokens.dispose(), works: () => true });
    const indexes = [COUNT - 1, 3, SLOTS, 0, SLOTS - 1];
    const clients = indexes.map((_, i) => BigInt(100 + i));
    const packets = indexes.map((index, i) => {
      const one = new CuteTokens({ suite, secret: secrets[index] as Uint8Array, applicationId: 1 });
      const packet = packetOf(one.issue({ ...plainFields(random), clientId: clients[i] as bigint }));
      one.dispose();
      return packet;
    });
    const forged = flipBit(packets[0] as Uint8Array, 8191);
    const verdicts = tokens.verifyMany([...packets, forged], { now: NOW });
    expect([...verdicts].map((verdict) => verdict.valid && verdict.claims.clientId)).toEqual([...clients, false]);
  });
});

it("hmacSha256 takes no slot for longer than its call", () => {
  const { slots, slotMemory } = hmacKernel();
  const before = slots.held;
  for (const length of [0, 32, 64, 65, 200]) {
    const [key, message] = [random.bytes(length), random.bytes(100)];
    expect(hex(hmacSha256(key, message))).toBe(createHmac("sha256", key).update(message).digest("hex"));
    expect([slots.held, slotMemory.every((byte) => byte === 0)]).toEqual([before, before === 0]);
  }
});

describe("Symbol.dispose", () => {
  it("disposes where the engine has it", () => {
    if (typeof Symbol.dispose !== "symbol") throw new Error("this engine should have it: Node 20 does");
    const tokens = new SnapNetTokens({ secret: random.bytes(32), sessionId: "s" });
    tokens[Symbol.dispose]();
    expectError(() => tokens.issue({ userId: "u" }), "ERR_DISPOSED", "this");
  });
});
