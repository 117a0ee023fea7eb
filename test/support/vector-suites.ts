import { chacha20Poly1305, createSha256, hmacSha256, sha256, xchacha20Poly1305 } from "../../src/crypto.ts";
import { NetcodeTokens } from "../../src/netcode/index.ts";
import { readConnectToken as readNetcodeToken } from "../../src/netcode/public.ts";
import { hex, same, unhex } from "./bytes.ts";
import { hydrogen, type SuiteUnderTest, tokensOf, xchacha } from "./cute.ts";
import { forgeries } from "./forgeries.ts";
import * as netcode from "./netcode.ts";
import * as kernels from "./vector-kernels.ts";
import {
  field,
  readResponses,
  readVectors,
  type WycheproofAead,
  type WycheproofFile,
  type WycheproofMac,
} from "./vectors.ts";

// All standard and native vectors, each as a case that is right or not: for the README's table.

/** One case: whether the library says what the vector says. */
export interface Case {
  /** Something that must be refused. */
  readonly negative: boolean;
  readonly passes: () => boolean;
}

export interface Suite {
  readonly source: string;
  readonly what: string;
  readonly cases: readonly Case[];
}

const positive = (passes: () => boolean): Case => ({ negative: false, passes });
const refusal = (refused: () => boolean): Case => ({ negative: true, passes: refused });

type Fields<Names extends string> = Record<Names, string>;
type Aead = typeof chacha20Poly1305;

export function aeadCase(aead: Aead, key: string, nonce: string, data: string, text: string, sealed: string): Case {
  return positive(
    () =>
      hex(aead.seal(unhex(key), unhex(nonce), unhex(text), unhex(data))) === sealed &&
      same(aead.open(unhex(key), unhex(nonce), unhex(sealed), unhex(data)), unhex(text)),
  );
}

export function opensNot(aead: Aead, key: string, nonce: string, data: string, sealed: string): Case {
  return refusal(() => {
    try {
      return aead.open(unhex(key), unhex(nonce), unhex(sealed), unhex(data)) === undefined;
    } catch {
      return nonce.length !== 2 * aead.nonceBytes; // a nonce of another size is refused by name
    }
  });
}

function wycheproofAead(aead: Aead, file: string): Case[] {
  const { testGroups } = readVectors<WycheproofFile<WycheproofAead>>(`wycheproof/${file}`);
  return testGroups.flatMap(({ tests }) =>
    tests.map(({ key, iv, aad, msg, ct, tag, result }) =>
      result === "valid" ? aeadCase(aead, key, iv, aad, msg, ct + tag) : opensNot(aead, key, iv, aad, ct + tag),
    ),
  );
}

function boringAead(aead: Aead, file: string): Case[] {
  const { cases } = readVectors<{ cases: Fields<"key" | "nonce" | "in" | "ad" | "ct" | "tag">[] }>(`boringssl/${file}`);
  return cases.map(({ key, nonce, in: text, ad, ct, tag }) =>
    tag.length === 32 ? aeadCase(aead, key, nonce, ad, text, ct + tag) : opensNot(aead, key, nonce, ad, ct + tag),
  );
}

type DocumentAead = Fields<"key" | "nonce" | "aad" | "plaintext" | "ciphertext" | "tag">;
const documentAead = (aead: Aead, file: string): Case[] =>
  readVectors<{ aead: DocumentAead[] }>(file).aead.map(({ key, nonce, aad, plaintext, ciphertext, tag }) =>
    aeadCase(aead, key, nonce, aad, plaintext, ciphertext + tag),
  );

const hmacIs = (key: string, message: string, tag: string): boolean =>
  hex(hmacSha256(unhex(key), unhex(message))).startsWith(tag);

function hmacs(): Suite[] {
  const wycheproof = readVectors<WycheproofFile<WycheproofMac>>("wycheproof/hmac_sha256_test.json");
  const rfc = readVectors<{ cases: Fields<"key" | "data" | "mac">[] }>("rfc/rfc4231-hmac-sha256.json");
  const boring = readVectors<{ cases: Fields<"key" | "input" | "output">[] }>("boringssl/hmac_sha256_tests.json");
  const cavp = readResponses("cavp/HMAC_L32.rsp").filter((record) => record.has("Mac"));
  const bytes = (text: string): string => (text.startsWith('"') ? hex(Buffer.from(JSON.parse(text))) : text);
  return [
    {
      ...{ source: "Wycheproof", what: "HMAC-SHA256" },
      cases: wycheproof.testGroups.flatMap(({ tests }) =>
        tests.map(({ key, msg, tag, result }) =>
          result === "valid" ? positive(() => hmacIs(key, msg, tag)) : refusal(() => !hmacIs(key, msg, tag)),
        ),
      ),
    },
    {
      ...{ source: "NIST CAVP", what: "HMAC-SHA256" },
      cases: cavp.map((record) =>
        positive(() => hmacIs(field(record, "Key"), field(record, "Msg"), field(record, "Mac"))),
      ),
    },
    {
      ...{ source: "BoringSSL", what: "HMAC-SHA256" },
      cases: boring.cases.map(({ key, input, output }) => positive(() => hmacIs(bytes(key), bytes(input), output))),
    },
    {
      ...{ source: "RFC 4231", what: "HMAC-SHA256" },
      cases: rfc.cases.map(({ key, data, mac }) => positive(() => hmacIs(key, data, mac))),
    },
  ];
}

function digests(): Suite[] {
  const files = ["SHA256ShortMsg", "SHA256LongMsg"].flatMap((file) => readResponses(`cavp/${file}.rsp`));
  const [seed, ...checkpoints] = readResponses("cavp/SHA256Monte.rsp").filter((record) => !record.has("L"));
  let last = unhex(field(seed as Map<string, string>, "Seed"));
  return [
    {
      ...{ source: "NIST CAVP", what: "SHA-256" },
      cases: files
        .filter((record) => record.has("MD"))
        .map((record) =>
          positive(() => {
            const message = unhex(field(record, "Msg")).subarray(0, Number(field(record, "Len")) / 8);
            const streamed = createSha256().update(message.subarray(0, 7)).update(message.subarray(7)).digest();
            return hex(sha256(message)) === field(record, "MD") && same(streamed, sha256(message));
          }),
        ),
    },
    {
      ...{ source: "NIST CAVP", what: "SHA-256, Monte Carlo checkpoints of 1000 digests" },
      cases: checkpoints.map((checkpoint) =>
        positive(() => {
          let three = [last, last, last] as [Uint8Array, Uint8Array, Uint8Array];
          for (let i = 0; i < 1000; i++) three = [three[1], three[2], sha256(Buffer.concat(three))];
          last = three[2];
          return hex(last) === field(checkpoint, "MD");
        }),
      ),
    },
  ];
}

const nativeTokens = (suite: SuiteUnderTest): Case[] =>
  suite.natives.map(({ id, issue, entropy, token, packet }) =>
    positive(() => {
      const tokens = tokensOf(suite, id);
      const issued = tokens.issue(issue, { entropy });
      const verdict = tokens.verify(packet, { now: issue.expirationTimestamp - 1n });
      tokens.dispose();
      return same(issued, token) && verdict.valid && verdict.claims.clientId === issue.clientId;
    }),
  );

/** Issued again byte for byte, read, and its request verified. */
function netcodeTokens(tokens: readonly netcode.NetcodeToken[]): Case[] {
  return tokens.map(({ dialect, secret, fields, nonce, token }) =>
    positive(() => {
      using holder = new NetcodeTokens({ protocolId: fields.protocolId, secret, dialect });
      const { requestPacket, timeoutSeconds } = readNetcodeToken(token, { dialect });
      const verdict = holder.verify(requestPacket, { now: fields.expireTimestamp - 1n });
      return (
        same(holder.issue(netcode.issueOf(fields), { entropy: nonce }), token) &&
        timeoutSeconds === fields.timeoutSeconds &&
        verdict.valid &&
        verdict.claims.clientId === fields.clientId &&
        same(verdict.claims.userData, fields.userData)
      );
    }),
  );
}

/** Every packet that the case sends, as far as a token verifier decides it. */
function netcodeServer(edge: netcode.ServerCase): Case {
  const steps = netcode.verifierSteps(edge);
  const decides = (): boolean => steps.every(({ expected, found }) => expected === found());
  return steps[0]?.expected === "valid" ? positive(decides) : refusal(decides);
}

function netcodeClient({ token, native }: netcode.ClientCase): Case {
  if (native.reads) {
    return positive(() => hex(readNetcodeToken(unhex(token)).requestPacket) === native.requestPacket);
  }
  return refusal(() => {
    try {
      readNetcodeToken(unhex(token));
      return false;
    } catch {
      return true;
    }
  });
}

/** All of them, in the table's order. */
export function vectorSuites(): readonly Suite[] {
  const [wycheproofHmac, ...otherHmacs] = hmacs() as [Suite, ...Suite[]];
  const extended = xchacha20Poly1305;
  return [
    {
      ...{ source: "Wycheproof", what: "ChaCha20-Poly1305" },
      cases: wycheproofAead(chacha20Poly1305, "chacha20_poly1305_test.json"),
    },
    {
      ...{ source: "Wycheproof", what: "XChaCha20-Poly1305" },
      cases: wycheproofAead(extended, "xchacha20_poly1305_test.json"),
    },
    wycheproofHmac,
    { source: "Wycheproof", what: "X25519", cases: kernels.x25519().map(positive) },
    ...digests(),
    ...otherHmacs,
    {
      ...{ source: "BoringSSL", what: "ChaCha20-Poly1305, with truncated tags" },
      cases: boringAead(chacha20Poly1305, "chacha20_poly1305_tests.json"),
    },
    {
      ...{ source: "BoringSSL", what: "XChaCha20-Poly1305" },
      cases: boringAead(extended, "xchacha20_poly1305_tests.json"),
    },
    { source: "BoringSSL", what: "Poly1305", cases: kernels.boringPoly1305().map(positive) },
    {
      ...{ source: "RFC 8439", what: "ChaCha20, Poly1305, ChaCha20-Poly1305" },
      cases: [...kernels.rfc8439().map(positive), ...documentAead(chacha20Poly1305, "rfc/rfc8439.json")],
    },
    {
      ...{ source: "draft-irtf-cfrg-xchacha-03", what: "HChaCha20, XChaCha20, XChaCha20-Poly1305" },
      cases: [...kernels.xchachaDraft().map(positive), ...documentAead(extended, "rfc/xchacha-draft-03.json")],
    },
    {
      ...{ source: "libhydrogen", what: "Gimli, hash, random bytes" },
      cases: kernels.libhydrogenHashes().map(positive),
    },
    {
      ...{ source: "libhydrogen", what: "secretbox" },
      cases: [...kernels.secretboxes().map(positive), ...kernels.badSecretboxes().map(refusal)],
    },
    {
      ...{ source: "libhydrogen", what: "signatures, and the reference's verdicts on edge cases" },
      cases: [
        ...kernels.signatures().map(positive),
        ...kernels.edgeSignatures().map(({ accepts, agrees }) => (accepts ? positive : refusal)(agrees)),
      ],
    },
    { source: "`cute_net.h`", what: "the same primitives", cases: kernels.cutePrimitives().map(positive) },
    { source: "`cute_net.h`", what: "whole tokens, suite `hydrogen`", cases: nativeTokens(hydrogen) },
    {
      source: "Cute Framework before 2021-07",
      what: "whole tokens, suite `xchacha20poly1305`",
      cases: nativeTokens(xchacha),
    },
    { source: "netcode 1.4.3, in C", what: "whole tokens", cases: netcodeTokens(netcode.nativeTokens) },
    {
      source: "netcode 1.4.3 to 1.4.10, in C",
      what: "tokens and requests at the edges, with its verdict",
      cases: [...netcode.serverCases.map(netcodeServer), ...netcode.clientCases.map(netcodeClient)],
    },
    {
      source: "renet 2.0, lightyear 0.29",
      what: "whole tokens of netcode's dialects",
      cases: netcodeTokens(netcode.dialectTokens),
    },
  ];
}

/** Every valid AEAD case with each bit of its tag turned, cut short, made longer: how many there are, how many open. */
export function aeadForgeries(): { cases: number; tried: number; opened: number } {
  const counts = { cases: 0, tried: 0, opened: 0 };
  const hold = (aead: Aead, key: string, nonce: string, data: string, sealed: string): void => {
    counts.cases++;
    for (const forged of forgeries(unhex(sealed))) {
      counts.tried++;
      if (aead.open(unhex(key), unhex(nonce), forged, unhex(data)) !== undefined) counts.opened++;
    }
  };
  for (const [aead, prefix, file] of [
    [chacha20Poly1305, "chacha20", "rfc/rfc8439.json"],
    [xchacha20Poly1305, "xchacha20", "rfc/xchacha-draft-03.json"],
  ] as const) {
    const { testGroups } = readVectors<WycheproofFile<WycheproofAead>>(`wycheproof/${prefix}_poly1305_test.json`);
    for (const { key, iv, aad, ct, tag, result } of testGroups.flatMap(({ tests }) => tests)) {
      if (result === "valid") hold(aead, key, iv, aad, ct + tag);
    }
    const boring = readVectors<{ cases: Fields<"key" | "nonce" | "ad" | "ct" | "tag">[] }>(
      `boringssl/${prefix}_poly1305_tests.json`,
    );
    for (const { key, nonce, ad, ct, tag } of boring.cases) {
      if (tag.length === 32) hold(aead, key, nonce, ad, ct + tag);
    }
    for (const { key, nonce, aad, ciphertext, tag } of readVectors<{ aead: DocumentAead[] }>(file).aead) {
      hold(aead, key, nonce, aad, ciphertext + tag);
    }
  }
  return counts;
}
