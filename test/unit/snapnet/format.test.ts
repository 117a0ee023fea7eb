import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ENCODING_HEX } from "../../../assembly/memory/hmac.ts";
import { idProblem, parseSigned, SIGNATURE_CHARACTERS, SIGNATURE_FIELD_BYTES } from "../../../src/snapnet/format.ts";
import { plainExpiration } from "../../../src/snapnet/plain.ts";
import { HmacKey } from "../../../src/wasm/hmac/kernel.ts";
import { type CheckedText, verifyTexts } from "../../../src/wasm/hmac/texts.ts";
import { Random } from "../../support/random.ts";

const secret = Buffer.from("secret");
const keys = [new HmacKey(secret)];
const FORM = { head: 0, gap: 1, characters: SIGNATURE_CHARACTERS, encoding: ENCODING_HEX };

/** What is read of `text`, whose last character stands where a bar should, with a genuine signature behind it. */
function read(text: string, session: string): number {
  const signature = createHmac("sha256", secret).update(text.slice(0, -1)).digest("hex");
  const texts = ["|", text + signature];
  let found = 0;
  const batch = {
    length: 2,
    text: (index: number) => texts[index] as string,
    digitsBehind: { field: Buffer.from(session), trailing: SIGNATURE_FIELD_BYTES },
    judge: (_: number, text: CheckedText) => {
      found = plainExpiration(text, session.length);
    },
  };
  verifyTexts(keys, batch, FORM);
  return found;
}

const SIGNATURE = "0123456789abcdef".repeat(4);

describe("plainExpiration", () => {
  it("reads nothing but what parseSigned reads, whatever stands around it", () => {
    const random = new Random(21);
    const bits = [..."|0129 aAé\n", "||", "|s|", "1750000045", "01750000045", "9999999999", "x".repeat(62)];
    const counts = { read: 0, left: 0, refused: 0 };
    for (let i = 0; i < 40_000; i++) {
      const sessionId = random.pick(["s", "arena-7", "x".repeat(63), "1750000045"]);
      const fields = [random.pick(["u", "player-1", "y".repeat(63), "1|"]), sessionId, "1750000045"].join("|");
      const characters = [...fields, "|"];
      if (i % 2) characters.splice(random.below(characters.length), random.below(3), random.pick(bits));
      const text = characters.join("");
      const token = text + SIGNATURE;
      const plain = /^[ -~]*$/.test(token);
      const claims = parseSigned(token, plain);
      expect(claims).toEqual(parseSigned(token, false));
      if (!plain) continue;
      const found = read(text, `|${sessionId}|`);
      if (found >= 0) {
        expect([claims?.sessionId, claims?.expiration], token).toEqual([sessionId, found]);
        expect(idProblem(claims?.userId ?? "")).toBe(undefined);
      }
      counts[found >= 0 ? "read" : claims ? "left" : "refused"]++;
    }
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(300);
    expect(counts.read).toBeGreaterThan(15_000);
  });
});
