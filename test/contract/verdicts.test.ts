import { describe, expect, it } from "vitest";
import { NOW } from "../support/cute.ts";
import { schemes } from "../support/schemes.ts";

describe.each(schemes)("$name", ({ make, garbage }) => {
  const { tokens, issue } = make();
  const batch = Array.from({ length: 5 }, issue);

  it("a verdict's JSON is safe to log: what is in it can be told apart, and no key is in it", () => {
    const verdicts = tokens.verifyMany([...batch, undefined], { now: NOW });
    const logged = JSON.parse(JSON.stringify(verdicts));
    expect(logged[5]).toEqual({ valid: false, reason: garbage });
    for (const [i, verdict] of [...verdicts].slice(0, 5).entries()) {
      if (!verdict.valid) throw new Error(verdict.reason);
      expect(JSON.parse(JSON.stringify(tokens.verify(batch[i], { now: NOW })))).toEqual(logged[i]);
      const { tokenId, secretIndex } = verdict;
      expect(logged[i]).toMatchObject({ valid: true, tokenId, secretIndex, expiresAt: String(verdict.expiresAt) });
      for (const [name, value] of Object.entries(verdict.claims)) {
        if (/key$/i.test(name)) expect(logged[i].claims).not.toHaveProperty(name);
        else if (typeof value === "string" || typeof value === "number") expect(logged[i].claims[name]).toBe(value);
        else if (typeof value === "bigint") expect(logged[i].claims[name]).toBe(String(value));
        else if (value instanceof Uint8Array) expect(logged[i].claims[name]).toBe(Buffer.from(value).toString("hex"));
        else expect(logged[i].claims[name]).toEqual(value);
      }
      expect(JSON.parse(JSON.stringify(verdict.claims))).toEqual(logged[i].claims);
    }
  });

  it("a verdict can be spread, cloned and compared", () => {
    const verdict = tokens.verify(batch[0], { now: NOW });
    expect(structuredClone(verdict)).toEqual(verdict);
    expect({ ...verdict }).toStrictEqual(verdict);
  });

  it("no tokenId holds the token's authenticator in clear, unless that is sealed over what it hides", () => {
    const [first] = batch;
    const text = typeof first === "string" ? first : (first as { token?: string }).token;
    if (text === undefined) return; // a binary scheme's is the tag of what is encrypted
    const tag = text.slice(-43);
    for (const tokenId of tokens.verifyMany(batch, { now: NOW }).map((one) => (one.valid ? one.tokenId : ""))) {
      expect(tokenId).not.toBe("");
      expect(tokenId).not.toContain(tag);
    }
  });
});
