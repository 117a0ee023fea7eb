import { detach } from "./bytes.ts";
import { Random } from "./random.ts";

function thrower(): never {
  throw new Error("a getter of the token's own");
}

/** An object whose every property is there, and throws. */
function trap(target: object): object {
  const handler = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((name) => [name, thrower]),
  ) as ProxyHandler<object>;
  return new Proxy(target, handler);
}

export function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** What is no token of any scheme, each by a name. */
export function garbage(): Map<string, unknown> {
  const random = new Random(12);
  const huge = "x".repeat(100 * 2 ** 20);
  const values: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    true: true,
    zero: 0,
    NaN: Number.NaN,
    "a bigint": 2n ** 70n,
    "a symbol": Symbol("token"),
    "a function": thrower,
    "an empty string": "",
    "100 MiB of text": huge,
    "100 MiB with bars": `|||${huge}`,
    "100 MiB with dots": `v1.${huge}.`,
    "65,536 bars": "|".repeat(65536),
    "1 MiB of dots": ".".repeat(2 ** 20),
    "a lone surrogate": "\ud800",
    "text of lone surrogates": "\udfff|\ud800|1|".padEnd(120, "0"),
    "text with NUL": "a\0b|c|1|".padEnd(80, "0"),
    "text of three bytes a character": "\uffff".repeat(200),
    "a String object": new String("v1.a.b"),
    "an empty array": [],
    "an array of 1024 numbers": new Array(1024).fill(0),
    "an array within an array": [[new Uint8Array(1024)]],
    "an empty object": {},
    "an object without prototype": Object.create(null),
    "an object of other types": { user: 1, timestamp: 2n, info: {}, token: [], sign: null, peerId: Symbol("p") },
    "an object of long texts": { user: huge, timestamp: huge, info: huge, token: huge, peerId: huge },
    "an object with a token of garbage": { token: "x".repeat(64), user: "u", timestamp: "1700000000", info: "" },
    "an object whose text throws": { toString: thrower, valueOf: thrower, [Symbol.toPrimitive]: thrower },
    "getters that throw": Object.defineProperties(
      {},
      Object.fromEntries(
        [
          "user",
          "timestamp",
          "info",
          "token",
          "peerId",
          "length",
          "byteLength",
          Symbol.iterator,
          Symbol.toStringTag,
        ].map((name) => [name, { get: thrower, enumerable: true }]),
      ),
    ),
    "a Proxy that throws": trap({}),
    "a Proxy of an array that throws": trap([]),
    "a Proxy of a function that throws": trap(thrower),
    "a Proxy of bytes": new Proxy(new Uint8Array(1024), {}),
    "a revoked Proxy": revoked({}),
    "a revoked Proxy of an array": revoked([]),
    "a Promise": Promise.resolve("token"),
    "a Date": new Date(0),
    "a Map": new Map([["token", "x"]]),
    "an ArrayBuffer": new ArrayBuffer(1024),
    "a DataView": new DataView(new ArrayBuffer(1024)),
    "1024 random bytes": random.bytes(1024),
    "1024 zeros": new Uint8Array(1024),
    "1023 bytes": new Uint8Array(1023),
    "1114 bytes": random.bytes(1114),
    "64 MiB of bytes": new Uint8Array(2 ** 26),
    "no bytes": new Uint8Array(0),
    "a detached view": detach(new Uint8Array(1024)),
    "clamped bytes": new Uint8ClampedArray(1024),
    "1024 floats": new Float64Array(1024),
    "shared memory": new Uint8Array(new SharedArrayBuffer(1024)),
    "false bytes": Object.create(Uint8Array.prototype),
    "a subclass whose length lies": Object.defineProperty(random.bytes(7), "length", { value: 1024 }),
  };
  return new Map(Object.entries(values));
}
