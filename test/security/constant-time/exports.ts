// What every export of the shipped modules takes. A new export has to be written down here, and one that takes a secret or
// compares an authenticator needs a case.

import type { ModuleName } from "./modules.ts";

export interface Export {
  /** The most delicate of its inputs. */
  readonly takes: "a secret" | "an authenticator" | "public data";
  readonly what: string;
}

const secret = (what: string): Export => ({ takes: "a secret", what });
const authenticator = (what: string): Export => ({ takes: "an authenticator", what });
const open = (what: string): Export => ({ takes: "public data", what });

const DIGESTED = "the message may hold a key that is too long, or an identity";
const TAG_TEXT = "the text may be an authenticator, right or wrong: where it differs must not show";
const AEAD_STATE = "works on the state that aeadStart made of the key";

export const EXPORTS: Readonly<Record<ModuleName, Readonly<Record<string, Export>>>> = {
  hmac: {
    keySet: secret("a key, which it turns into the midstates of a slot"),
    keyWipe: secret("a prepared key, which it wipes"),
    sha256: secret(DIGESTED),
    sha256Start: secret("the state of a stream that was given up"),
    sha256Update: secret(DIGESTED),
    sha256Finish: secret(DIGESTED),
    hmacStart: secret("a prepared key"),
    hmacFinish: secret("a prepared key"),
    hmacCheck: authenticator("the tag of a stream"),
    signJobs: secret("prepared keys and messages"),
    verifyJobs: authenticator("a tag for each job"),
    verifyNestedJobs: authenticator("a tag over a tag for each job"),
    verifyOne: authenticator("the tag of one message"),
    hexEncode: secret("a tag on its way out"),
    hexDecode: authenticator(TAG_TEXT),
    base64urlEncode: secret("a tag on its way out"),
    base64urlDecode: authenticator(TAG_TEXT),
    isPlainText: secret("the text of a claim"),
    numbersAt: open("times that tokens tell: all the same, ten digits are traced"),
    numbersBehind: open("the same, and the session they name, of genuine texts: all the same, the right one is traced"),
  },
  cute: {
    keySet: secret("a key, or the secret scalar of a signer with its public key"),
    keyWipe: secret("a prepared key, which it wipes"),
    secretFromHex: secret("the digits of a key"),
    issue: secret("a prepared key, session keys, user data and entropy"),
    verifyPackets: authenticator("the tag, and for hydrogen the signature, of each packet"),
    gatherValid: secret("decrypted secret sections"),
    signingKeyPair: secret("a secret scalar, or the seed of one"),
    verifySignature: open("a public key, and a packet that its holder sends in the clear: all the same it is traced"),
    sessionPrepare: secret("a session key"),
    sessionSeal: secret("prepared session keys, plaintexts and random bytes"),
    sessionOpen: authenticator("the MAC of each session packet"),
  },
  netcode: {
    keySet: secret("a key"),
    keyWipe: secret("a key, which it wipes"),
    secretFromHex: secret("the digits of a key"),
    verifyRequests: authenticator("the tag of each request"),
    issue: secret("a key, session keys and user data"),
    aeadStart: secret("a key and a nonce"),
    aeadAssociatedData: secret(AEAD_STATE),
    aeadSealUpdate: secret("text, and the state that aeadStart made of the key"),
    aeadCheckUpdate: secret(AEAD_STATE),
    aeadTag: secret(AEAD_STATE),
    aeadCheckTag: authenticator("a tag"),
    aeadOpenUpdate: secret(AEAD_STATE),
    aeadWipe: secret("that state, which it wipes"),
  },
};

/** Exports of a module that are not written down. */
export function unclassified(name: ModuleName, module: WebAssembly.Module): string[] {
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  return functions.map((one) => one.name).filter((one) => !EXPORTS[name][one]);
}
