import { describe, expect, it } from "vitest";
import { type Aead, chacha20Poly1305, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { concat, hex, unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";
import { forgeries } from "../../support/forgeries.ts";
import { readVectors, type WycheproofAead, type WycheproofFile } from "../../support/vectors.ts";

interface Case {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

type Texts<Names extends string> = Record<Names, string>;

function toCase(key: string, nonce: string, aad: string, plaintext: string, ciphertext: string, tag: string): Case {
  const [a, b, c, d, e, f] = [key, nonce, aad, plaintext, ciphertext, tag].map(unhex);
  return { key: a, nonce: b, aad: c, plaintext: d, ciphertext: e, tag: f } as Case;
}

/** From the RFC and the draft. */
function fromDocument(path: string): Case[] {
  const { aead } = readVectors<{
    aead: Texts<"key" | "nonce" | "aad" | "plaintext" | "ciphertext" | "tag">[];
  }>(path);
  return aead.map((c) => toCase(c.key, c.nonce, c.aad, c.plaintext, c.ciphertext, c.tag));
}

function fromBoringSsl(path: string): Case[] {
  const { cases } = readVectors<{ cases: Texts<"key" | "nonce" | "in" | "ad" | "ct" | "tag">[] }>(path);
  return cases.map((c) => toCase(c.key, c.nonce, c.ad, c.in, c.ct, c.tag));
}

function fromWycheproof(path: string): (Case & { valid: boolean; tcId: number })[] {
  const { testGroups } = readVectors<WycheproofFile<WycheproofAead>>(path);
  return testGroups.flatMap(({ tests }) =>
    tests.map((c) => ({
      ...toCase(c.key, c.iv, c.aad, c.msg, c.ct, c.tag),
      valid: c.result === "valid",
      tcId: c.tcId,
    })),
  );
}

/** Seals and opens as the case says; returns how many forgeries were tried and how many of them opened. */
function hold(aead: Aead, c: Case): { tried: number; opened: number } {
  const sealed = concat(c.ciphertext, c.tag);
  expect(hex(aead.seal(c.key, c.nonce, c.plaintext, c.aad))).toBe(hex(sealed));
  expect(hex(aead.open(c.key, c.nonce, sealed, c.aad) ?? unhex("ff"))).toBe(hex(c.plaintext));
  let tried = 0;
  let opened = 0;
  for (const forged of forgeries(sealed)) {
    tried++;
    if (aead.open(c.key, c.nonce, forged, c.aad) !== undefined) opened++;
  }
  return { tried, opened };
}

function holdAll(aead: Aead, cases: readonly Case[]): void {
  let tried = 0;
  for (const c of cases) {
    const result = hold(aead, c);
    expect(result.opened).toBe(0);
    tried += result.tried;
  }
  expect(tried).toBeGreaterThan(cases.length * 150);
}

describe("ChaCha20-Poly1305", () => {
  it("RFC 8439: 2 cases", () => {
    const cases = fromDocument("rfc/rfc8439.json");
    expect(cases.length).toBe(2);
    holdAll(chacha20Poly1305, cases);
  });

  it("BoringSSL: 66 whole tags; 15 truncated ones are prefixes and open nothing", () => {
    const cases = fromBoringSsl("boringssl/chacha20_poly1305_tests.json");
    const whole = cases.filter(({ tag }) => tag.length === 16);
    const truncated = cases.filter(({ tag }) => tag.length < 16);
    expect([whole.length, truncated.length]).toEqual([66, 15]);
    holdAll(chacha20Poly1305, whole);
    for (const { key, nonce, aad, plaintext, ciphertext, tag } of truncated) {
      const short = concat(ciphertext, tag);
      expect(hex(chacha20Poly1305.seal(key, nonce, plaintext, aad)).startsWith(hex(short))).toBe(true);
      expect(chacha20Poly1305.open(key, nonce, short, aad)).toBeUndefined();
    }
  });
});

describe("XChaCha20-Poly1305", () => {
  it("draft-irtf-cfrg-xchacha-03 A.3.1", () => {
    const cases = fromDocument("rfc/xchacha-draft-03.json");
    expect(cases.length).toBe(1);
    holdAll(xchacha20Poly1305, cases);
  });

  it("BoringSSL: 52 cases", () => {
    const cases = fromBoringSsl("boringssl/xchacha20_poly1305_tests.json");
    expect(cases.length).toBe(52);
    holdAll(xchacha20Poly1305, cases);
  });
});

describe("Wycheproof", () => {
  const files = [
    { aead: chacha20Poly1305, name: "chacha20_poly1305", valid: 256, invalid: 60, misfits: 9 },
    { aead: xchacha20Poly1305, name: "xchacha20_poly1305", valid: 246, invalid: 60, misfits: 9 },
  ];
  for (const { aead, name, ...counts } of files) {
    const cases = fromWycheproof(`wycheproof/${name}_test.json`);
    const fitting = cases.filter(({ nonce }) => nonce.length === aead.nonceBytes);
    const misfits = cases.filter(({ nonce }) => nonce.length !== aead.nonceBytes);

    it(`${name}: ${counts.valid} valid cases`, () => {
      const valid = fitting.filter((c) => c.valid);
      expect(valid.length).toBe(counts.valid);
      holdAll(aead, valid);
    });

    it(`${name}: ${counts.invalid} cases that must not open`, () => {
      const invalid = fitting.filter((c) => !c.valid);
      expect(invalid.length).toBe(counts.invalid);
      for (const { key, nonce, aad, ciphertext, tag, tcId } of invalid) {
        expect(aead.open(key, nonce, concat(ciphertext, tag), aad), `${tcId}`).toBeUndefined();
      }
    });

    it(`${name}: ${counts.misfits} nonces of a wrong size are refused by name`, () => {
      expect(misfits.length).toBe(counts.misfits);
      for (const { key, nonce, aad, plaintext, ciphertext, tag, valid } of misfits) {
        expect(valid).toBe(false);
        expectError(() => aead.seal(key, nonce, plaintext, aad), "ERR_RANGE", "nonce");
        expectError(() => aead.open(key, nonce, concat(ciphertext, tag), aad), "ERR_RANGE", "nonce");
      }
    });
  }
});
