import { createHmac } from "node:crypto";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { createHMAC, createSHA256 } from "hash-wasm";

/** HMAC-SHA256 under one key, prepared as far as the library can. */
export interface KeyedHmac {
  digest(message: string): Uint8Array;
  base64url(message: string): string;
}

export interface HmacPeer {
  readonly name: string;
  prepare(key: string | Uint8Array): Promise<KeyedHmac>;
}

const encoder = new TextEncoder();
const bytesOf = (key: string | Uint8Array): Uint8Array => (typeof key === "string" ? encoder.encode(key) : key);
const base64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");

/** Libraries with an HMAC-SHA256. The checks around it are the same for all: see the suites. */
export const hmacPeers: readonly HmacPeer[] = [
  {
    name: "node:crypto",
    prepare: async (key) => ({
      digest: (message) => createHmac("sha256", key).update(message).digest(),
      base64url: (message) => createHmac("sha256", key).update(message).digest("base64url"),
    }),
  },
  {
    name: "hash-wasm",
    prepare: async (key) => {
      const hasher = await createHMAC(createSHA256(), bytesOf(key));
      const digest = (message: string): Uint8Array => hasher.init().update(message).digest("binary");
      return { digest, base64url: (message) => base64url(digest(message)) };
    },
  },
  {
    name: "@noble/hashes",
    prepare: async (key) => {
      const keyed = hmac.create(sha256, bytesOf(key));
      const digest = (message: string): Uint8Array => keyed.clone().update(encoder.encode(message)).digest();
      return { digest, base64url: (message) => base64url(digest(message)) };
    },
  },
];
