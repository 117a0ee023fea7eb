import { describe, expect, it } from "vitest";
import { chacha20Poly1305, hmacSha256, sha256, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { CuteTokens, generateSigningKeyPair } from "../../../src/cute/index.ts";
import { fromHex, toHex } from "../../../src/encoding.ts";
import { NetcodeTokens } from "../../../src/netcode/index.ts";
import { connectionRequestPacket } from "../../../src/netcode/public.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { TirtcTokens } from "../../../src/tirtc/index.ts";
import { cuteKernel } from "../../../src/wasm/cute/kernel.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { netcodeKernel } from "../../../src/wasm/netcode/kernel.ts";
import { same } from "../../support/bytes.ts";
import { NOW, packetOf } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";
import { Windows } from "../../support/windows.ts";

// T10: a call that ends by an exception, wherever it is just then, leaves no secret in linear memory. A caller brings that
// about by calling with hardly any stack left: the kernel, or what stands around it, runs out of it half-way.

const random = new Random(77);
const KERNELS = { hmac: hmacKernel(), cute: cuteKernel(), netcode: netcodeKernel() };
type Name = keyof typeof KERNELS;

interface Use {
  readonly name: string;
  readonly kernel: Name;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  run(): { dispose?(): void } | unknown;
}

const secret = random.bytes(32);
const long = random.bytes(100);
const text = random.bytes(200);
const nonce = random.bytes(24);
const snapnet = new SnapNetTokens({ secret, sessionId: "s" });
const userId = "a user whom nobody may know";
const snapnetToken = snapnet.issue({ userId, expiration: NOW + 1n });
const tirtc = new TirtcTokens({ accessId: "a", secretKey: secret, deviceSecretKey: long });
const tirtcToken = tirtc.issue({ peerId: "p", sub: userId, iat: NOW });
const seed = random.bytes(32);
const signing = generateSigningKeyPair(seed).secretKey;
const scalar = signing.subarray(0, 32);
const fields = {
  creationTimestamp: NOW,
  expirationTimestamp: NOW + 10n,
  handshakeTimeout: 5,
  endpoints: ["10.0.0.1:7777"],
  clientId: 1,
  clientToServerKey: random.bytes(32),
  serverToClientKey: random.bytes(32),
  userData: random.bytes(256),
};
const { clientToServerKey, serverToClientKey, userData } = fields;
const sessionKeys = { clientToServerKey, serverToClientKey, userData };
const suites = [
  ["hydrogen", signing, scalar],
  ["xchacha20poly1305", secret, secret],
] as const;
const netcode = new NetcodeTokens({ protocolId: 1, secret });
const netcodeFields = {
  clientId: 1,
  serverAddresses: ["10.0.0.1:7777"],
  timeoutSeconds: 5,
  clientToServerKey,
  serverToClientKey,
  userData,
};
const netcodeToken = netcode.issue({ ...netcodeFields, createTimestamp: NOW, expireTimestamp: NOW + 10n });
const request = connectionRequestPacket(netcodeToken);
const sealed = xchacha20Poly1305.seal(secret, nonce, text);
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);

const USES: readonly Use[] = [
  { name: "sha256", kernel: "hmac", secrets: { text }, run: () => sha256(text) },
  { name: "hmacSha256", kernel: "hmac", secrets: { secret, text }, run: () => hmacSha256(secret, text) },
  { name: "hmacSha256 with a long key", kernel: "hmac", secrets: { long, text }, run: () => hmacSha256(long, text) },
  { name: "toHex", kernel: "hmac", secrets: { secret }, run: () => toHex(secret) },
  { name: "fromHex", kernel: "hmac", secrets: { secret }, run: () => fromHex(Buffer.from(secret).toString("hex")) },
  {
    name: "a holder's making, SnapNet",
    kernel: "hmac",
    secrets: { secret },
    run: () => new SnapNetTokens({ secret, sessionId: "s" }),
  },
  {
    name: "SnapNet issue",
    kernel: "hmac",
    secrets: { userId: utf8(userId) },
    run: () => snapnet.issue({ userId, expiration: NOW + 1n }),
  },
  {
    name: "SnapNet verify",
    kernel: "hmac",
    secrets: { token: utf8(snapnetToken) },
    run: () => snapnet.verify(snapnetToken, { now: NOW }),
  },
  {
    name: "SnapNet verifyMany",
    kernel: "hmac",
    secrets: { token: utf8(snapnetToken) },
    run: () => snapnet.verifyMany(new Array(5).fill(snapnetToken), { now: NOW }),
  },
  {
    name: "TiRTC verify",
    kernel: "hmac",
    secrets: { token: utf8(tirtcToken) },
    run: () => tirtc.verify(tirtcToken, { now: NOW }),
  },
  {
    name: "generateSigningKeyPair",
    kernel: "cute",
    secrets: { seed, scalar },
    run: () => generateSigningKeyPair(seed),
  },
  ...suites.flatMap(([suite, key, half]): Use[] => {
    const tokens = new CuteTokens({ suite, secret: key, applicationId: 1 });
    const packet = packetOf(tokens.issue(fields));
    return [
      {
        name: `a holder's making, Cute ${suite}`,
        kernel: "cute",
        secrets: { half },
        run: () => new CuteTokens({ suite, secret: key, applicationId: 1 }),
      },
      { name: `Cute issue, ${suite}`, kernel: "cute", secrets: sessionKeys, run: () => tokens.issue(fields) },
      {
        name: `Cute verify, ${suite}`,
        kernel: "cute",
        secrets: sessionKeys,
        run: () => tokens.verify(packet, { now: NOW }),
      },
    ];
  }),
  {
    name: "a holder's making, netcode",
    kernel: "netcode",
    secrets: { secret },
    run: () => new NetcodeTokens({ protocolId: 1, secret }),
  },
  {
    name: "netcode issue",
    kernel: "netcode",
    secrets: sessionKeys,
    run: () => netcode.issue({ ...netcodeFields, createTimestamp: NOW, expireTimestamp: NOW + 10n }),
  },
  { name: "netcode verify", kernel: "netcode", secrets: sessionKeys, run: () => netcode.verify(request, { now: NOW }) },
  {
    name: "an AEAD seals",
    kernel: "netcode",
    secrets: { secret, text },
    run: () => chacha20Poly1305.seal(secret, nonce.subarray(0, 12), text, long),
  },
  {
    name: "an AEAD opens",
    kernel: "netcode",
    secrets: { secret, text },
    run: () => xchacha20Poly1305.open(secret, nonce, sealed),
  },
];
/** Where secrets stand outside the slots. */
function found({ kernel, secrets }: Use): string[] {
  const windows = new Windows({ ...secrets });
  const { scratch, arenas } = KERNELS[kernel];
  return [...windows.find(scratch), ...windows.find(arenas)];
}

/** Fills everything outside the slots with zeros, so that what is found comes from the call. */
function clear({ kernel }: Use): void {
  KERNELS[kernel].scratch.fill(0);
  KERNELS[kernel].arenas.fill(0);
}

function dispose(made: unknown): void {
  if (typeof made === "object" && made !== null && "dispose" in made) (made as { dispose(): void }).dispose();
}

const descend = (frames: number, run: () => unknown): unknown => (frames <= 0 ? run() : descend(frames - 1, run));

type End = "done" | "interrupted" | "not begun";

/** Calls behind so many frames, each of which takes from the stack. */
function callBehind(frames: number, run: () => unknown): End {
  let began = false;
  const begin = (): unknown => {
    began = true;
    return run();
  };
  try {
    dispose(descend(frames, begin));
    return "done";
  } catch (error) {
    expect(error).toBeInstanceOf(Error); // a RangeError, but for a few places inside the engine
    return began ? "interrupted" : "not begun";
  }
}

/** Behind how many frames a call still comes to its end. */
function mostFrames(run: () => unknown): number {
  let [fits, tooMany] = [0, 64];
  while (callBehind(tooMany, run) === "done") [fits, tooMany] = [tooMany, 2 * tooMany];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (callBehind(middle, run) === "done") fits = middle;
    else tooMany = middle;
  }
  return fits;
}

describe.each(USES)("$name leaves nothing in memory", (use) => {
  it("where the stack ends, at any place", () => {
    for (let i = 0; i < 20; i++) dispose(use.run());
    for (let i = 0; i < 3; i++) mostFrames(use.run);
    const most = mostFrames(use.run);
    let interrupted = 0;
    for (let frames = most - 20; frames < most + 300; frames++) {
      clear(use);
      if (callBehind(frames, use.run) !== "interrupted") continue;
      interrupted++;
      expect(found(use), `${frames - most} frames too many`).toEqual([]);
    }
    expect(interrupted).toBeGreaterThan(3);
    expect(() => dispose(use.run())).not.toThrow();
  });

  it("where a function of the kernel throws, whichever it is, before or after it has done its work", () => {
    const running = KERNELS[use.kernel] as unknown as { calls: Record<string, unknown> };
    const real = running.calls;
    let interrupted = 0;
    try {
      for (const [name, call] of Object.entries(real)) {
        if (typeof call !== "function") continue;
        for (const worksFirst of [true, false]) {
          const stub = (...given: unknown[]): never => {
            if (worksFirst) Reflect.apply(call, undefined, given);
            throw new RangeError("interrupted");
          };
          running.calls = { ...real, [name]: stub };
          clear(use);
          const slots = KERNELS[use.kernel].slotMemory.slice();
          try {
            dispose(use.run());
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
            interrupted++;
            expect(found(use), `${name} ${worksFirst}`).toEqual([]);
            // A slot that was prepared for nobody holds nothing.
            if (use.name.includes("making")) expect(same(KERNELS[use.kernel].slotMemory, slots)).toBe(true);
          }
        }
      }
    } finally {
      running.calls = real;
    }
    expect(interrupted).toBeGreaterThan(0);
  });
});

it("a secret that is left is found", () => {
  const [use] = USES;
  hmacKernel().arenas.set(text, 5000);
  expect(found(use as Use)).not.toEqual([]);
  clear(use as Use);
  expect(found(use as Use)).toEqual([]);
});
