// netcode.wasm, the AEADs: key, nonce, text and associated data are secret, and where a wrong tag differs; lengths and the
// verdict are public.

import { createCipheriv } from "node:crypto";
import * as map from "../../../assembly/memory/netcode.ts";
import { altered, type Case, called } from "./cases.ts";
import type { Secrets } from "./random.ts";
import type { Instance } from "./tracer.ts";

const TEXT = map.NETCODE_TEXT;
const DATA = map.NETCODE_TEXT + 0x10000;
const TAG = map.NETCODE_TEXT + 0x20000;
const LENGTHS = [0, 1, 15, 16, 63, 64, 100, 256, 300, 1000];

function start(secrets: Secrets, { exports, memory }: Instance, extended: number): void {
  memory.set(secrets.bytes("key", 32), map.NETCODE_KEY_INPUT);
  memory.set(secrets.bytes("nonce", extended ? 24 : 12), map.NETCODE_KEY_INPUT + 32);
  called(exports, "aeadStart")(extended);
}

/** Takes in associated data and ciphertext, ready for the tag to be checked. */
function takeIn(secrets: Secrets, instance: Instance, length: number, text: Buffer): void {
  start(secrets, instance, 0);
  instance.memory.set(secrets.bytes("data", length), DATA);
  called(instance.exports, "aeadAssociatedData")(DATA, length);
  instance.memory.set(text, TEXT);
  called(instance.exports, "aeadCheckUpdate")(TEXT, length);
}

/** Ciphertext and tag as OpenSSL has them. */
function sealed(secrets: Secrets, length: number): { text: Buffer; tag: Buffer } {
  const options = { authTagLength: 16 };
  const cipher = createCipheriv("chacha20-poly1305", secrets.bytes("key", 32), secrets.bytes("nonce", 12), options);
  cipher.setAAD(secrets.bytes("data", length), { plaintextLength: length });
  const text = Buffer.concat([cipher.update(secrets.bytes("text", length)), cipher.final()]);
  return { text, tag: cipher.getAuthTag() };
}

const starts = [0, 1].map(
  (extended): Case => ({
    name: `the AEAD is started, ${extended ? "24" : "12"} bytes of nonce`,
    exports: ["aeadStart"],
    prepare: (secrets) => (instance) => {
      instance.memory.set(secrets.bytes("key", 32), map.NETCODE_KEY_INPUT);
      instance.memory.set(secrets.bytes("nonce", extended ? 24 : 12), map.NETCODE_KEY_INPUT + 32);
      return () => called(instance.exports, "aeadStart")(extended);
    },
  }),
);

const wiped: Case = {
  name: "the AEAD's state is wiped",
  exports: ["aeadWipe"],
  prepare: (secrets) => (instance) => {
    start(secrets, instance, 1);
    return () => called(instance.exports, "aeadWipe")();
  },
};

const seals = LENGTHS.map(
  (length): Case => ({
    name: `${length} bytes are sealed`,
    exports: ["aeadAssociatedData", "aeadSealUpdate", "aeadTag"],
    prepare: (secrets) => (instance) => {
      start(secrets, instance, 1);
      instance.memory.set(secrets.bytes("data", length), DATA);
      instance.memory.set(secrets.bytes("text", length), TEXT);
      return () => {
        called(instance.exports, "aeadAssociatedData")(DATA, length);
        called(instance.exports, "aeadSealUpdate")(TEXT, length);
        called(instance.exports, "aeadTag")(TAG);
      };
    },
  }),
);

const opens = LENGTHS.flatMap((length): Case[] => [
  {
    name: `${length} bytes are opened`,
    exports: ["aeadAssociatedData", "aeadCheckUpdate", "aeadCheckTag", "aeadOpenUpdate"],
    verdict: 1,
    prepare: (secrets) => (instance) => {
      const { text, tag } = sealed(secrets, length);
      instance.memory.set(tag, TAG);
      return () => {
        takeIn(secrets, instance, length, text);
        const genuine = called(instance.exports, "aeadCheckTag")(TAG);
        called(instance.exports, "aeadOpenUpdate")(TEXT, length);
        return genuine;
      };
    },
  },
  {
    name: `${length} bytes are refused`,
    exports: ["aeadCheckTag", "aeadOpenUpdate"],
    verdict: 0,
    parts: { from: `${length} bytes are opened`, at: "assembly/netcode/aeadCheckTag" },
    prepare: (secrets) => (instance) => {
      const { text, tag } = sealed(secrets, length);
      instance.memory.set(altered(secrets, tag), TAG);
      return () => {
        takeIn(secrets, instance, length, text);
        const genuine = called(instance.exports, "aeadCheckTag")(TAG);
        called(instance.exports, "aeadOpenUpdate")(TEXT, length);
        return genuine;
      };
    },
  },
]);

/** Without a start there is nothing to compare a tag with: a public fact. */
const idle: Case = {
  name: "a tag is checked where nothing was started",
  exports: ["aeadCheckTag"],
  verdict: 0,
  prepare: (secrets) => (instance) => {
    called(instance.exports, "aeadWipe")();
    instance.memory.set(secrets.bytes("tag", 16), TAG);
    return () => called(instance.exports, "aeadCheckTag")(TAG);
  },
};

export const AEAD_CASES: readonly Case[] = [...starts, wiped, ...seals, ...opens, idle];
