import { createHmac } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { createSha256, hmacSha256, sha256 } from "../../../src/crypto.ts";
import { CuteTokens } from "../../../src/cute/index.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { hex } from "../../support/bytes.ts";
import { NOW, nativeOf, packetOf, plainFields, xchacha } from "../../support/cute.ts";
import { expectError, thrownBy } from "../../support/errors.ts";
import { Random } from "../../support/random.ts";

const SLOTS = 1024;
const random = new Random(9);
const secrets = Array.from({ length: SLOTS }, () => random.bytes(32));

interface Holder {
  dispose(): void;
  works(): boolean;
}

/** A holder of keys in each module, and how many slots it takes. */
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

describe.each(["hmac", "cute"] as const)("the 1024 key slots of %s.wasm", (name) => {
  const make = makers[name];
  const held: Holder[] = [];

  afterEach(() => {
    for (const holder of held.splice(0)) holder.dispose();
  });

  function fill(): void {
    for (const secret of secrets.slice(held.length)) held.push(make(secret));
  }

  it("are 1024; then a clear error, and every holder goes on working", () => {
    fill();
    const { message } = expectError(() => make(random.bytes(32)), "ERR_KEY_SLOTS", name);
    expect(message).toContain("1024");
    expect(message).toContain("dispose");
    expect(held.filter((holder) => holder.works()).length).toBe(SLOTS);
  });

  it("serve anew once given back, and hold no other's key", () => {
    fill();
    for (let round = 0; round < 3; round++) {
      for (const at of [0, 1, 511, 1023]) {
        held[at]?.dispose();
        held[at]?.dispose();
        expectError(() => held[at]?.works(), "ERR_DISPOSED", "this");
        held[at] = make(random.bytes(32));
        expectError(() => make(random.bytes(32)), "ERR_KEY_SLOTS", name);
      }
      expect(held.filter((holder) => holder.works()).length).toBe(SLOTS);
    }
  });

  it("are given back where a list of secrets finds too few", () => {
    fill();
    for (const holder of held.splice(1020)) holder.dispose();
    for (let i = 0; i < 50; i++) expectError(() => make(secrets.slice(0, 5)), "ERR_KEY_SLOTS", name);
    const four = make(secrets.slice(0, 4));
    expect(four.works()).toBe(true);
    expectError(() => make(random.bytes(32)), "ERR_KEY_SLOTS", name);
    four.dispose();
    held.push(make(random.bytes(32)));
  });

  it("come back from holders that were forgotten", { timeout: 30_000 }, async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const forget = () => {
      for (const secret of secrets) make(secret);
    };
    forget();
    // All of them, not the first: those still out would be missing in the tests that follow.
    let error: unknown = "nothing tried";
    for (let round = 0; round < 1000 && error; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
      try {
        fill();
        error = undefined;
      } catch (refusal) {
        error = refusal;
      }
    }
    expect(error).toBeUndefined();
    expect(held.filter((holder) => holder.works()).length).toBe(SLOTS);
  });
});

describe("with every slot of hmac.wasm taken", () => {
  it("hmacSha256 says so, while digests go on: they need none", () => {
    const held = secrets.map((secret) => makers.hmac(secret));
    const stream = createSha256();
    const error = expectError(() => hmacSha256(random.bytes(8), random.bytes(8)), "ERR_KEY_SLOTS", "hmac");
    expect(thrownBy(() => hmacSha256(random.bytes(100), random.bytes(8)))).toMatchObject({ code: error.code });
    expect(hex(stream.update(new Uint8Array(0)).digest())).toBe(hex(sha256(new Uint8Array(0))));
    held[77]?.dispose();
    for (let i = 0; i < 10; i++) expect(hmacSha256(random.bytes(100), random.bytes(8)).length).toBe(32);
    for (const holder of held) holder.dispose();
  });
});

it("the modules have slots of their own each", () => {
  const held = secrets.map((secret) => makers.cute(secret));
  expect(makers.hmac(random.bytes(32)).works()).toBe(true);
  const { secret, applicationId } = nativeOf(xchacha, 0);
  expect(thrownBy(() => new CuteTokens({ suite: "xchacha20poly1305", secret, applicationId }))).toMatchObject({
    code: "ERR_KEY_SLOTS",
    argument: "cute",
  });
  for (const holder of held) holder.dispose();
});

describe("Symbol.dispose", () => {
  it("disposes where the engine has it", () => {
    if (typeof Symbol.dispose !== "symbol") throw new Error("this engine should have it: Node 20 does");
    const tokens = new SnapNetTokens({ secret: random.bytes(32), sessionId: "s" });
    tokens[Symbol.dispose]();
    expectError(() => tokens.issue({ userId: "u" }), "ERR_DISPOSED", "this");
  });
});
