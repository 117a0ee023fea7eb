import { describe, expect, it } from "vitest";
import { STATUS_GENUINE } from "../../../assembly/memory/hmac.ts";
import { idProblem, parseSigned, plainExpiration, SIGNATURE_FIELD_BYTES } from "../../../src/snapnet/format.ts";
import { hmacKernel } from "../../../src/wasm/hmac/kernel.ts";
import { TextWindow } from "../../../src/wasm/hmac/texts.ts";
import { Random } from "../../support/random.ts";

const window = new TextWindow(hmacKernel());

function read(token: string, session: string): number {
  window.join(["|", token], 0, 2);
  window.write();
  window.statuses.fill(STATUS_GENUINE, 0, 2);
  const numbers = window.numbersBehind(Buffer.from(session), SIGNATURE_FIELD_BYTES);
  const found = plainExpiration(window, 1, session.length, numbers[1] as number);
  window.wipe();
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
      const token = characters.join("") + SIGNATURE;
      const plain = /^[ -~]*$/.test(token);
      const claims = parseSigned(token, plain);
      expect(claims).toEqual(parseSigned(token, false));
      if (!plain) continue;
      const found = read(token, `|${sessionId}|`);
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
