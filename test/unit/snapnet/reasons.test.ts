import { describe, expect, it } from "vitest";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { hmac } from "../../reference/string-schemes.ts";
import { unhex } from "../../support/bytes.ts";
import { expectError } from "../../support/errors.ts";

const HEX = "580c5b97c79d787660ba55ad334eeccb4df63193274b3ffec343b5f86795b1bf";
const NOW = 1_700_000_000;
const any = new SnapNetTokens({ secret: HEX, sessionId: null });
const lenient = new SnapNetTokens({ secret: HEX, sessionId: null, upperCaseSignature: true });
const mine = new SnapNetTokens({ secret: HEX, sessionId: "mine" });
const signed = (message: string): string => `${message}|${hmac(unhex(HEX), message).toString("hex")}`;

/** The one reason for a token, asked for alone and in a batch. */
function reason(tokens: SnapNetTokens, token: string, now = NOW): string {
  const verdict = tokens.verify(token, { now });
  const batch = tokens.verifyMany([token, token], { now });
  const said = verdict.valid ? "valid" : verdict.reason;
  expect([0, 1].map((i) => batch.reasonAt(i) ?? "valid")).toEqual([said, said]);
  return said;
}

const SIGNATURE = "0123456789abcdef".repeat(4);

describe("a token with another's signature", () => {
  it.each([
    ["u|s|1|", SIGNATURE],
    [`${"u".repeat(63)}|${"s".repeat(63)}|9007199254740991|`, SIGNATURE],
    ["u|s|0|", "f".repeat(64)],
  ])("that has the form of one is not genuine: %s%s", (message, signature) => {
    expect(reason(any, message + signature)).toBe("not-genuine");
  });

  it.each([
    ["", SIGNATURE],
    ["u|s|1", SIGNATURE],
    ["u|s|1#", SIGNATURE],
    ["|s|1|", SIGNATURE],
    ["u||1|", SIGNATURE],
    ["u\n|s|1|", SIGNATURE],
    ["u|s\n|1|", SIGNATURE],
    ["u|s|01|", SIGNATURE],
    ["u|s||", SIGNATURE],
    ["u|s|1|1|", SIGNATURE],
    ["u|1|", SIGNATURE],
    ["1|", SIGNATURE],
    [`${"u".repeat(64)}|s|1|`, SIGNATURE],
    [`u|${"s".repeat(64)}|1|`, SIGNATURE],
    ["u|s|1|", SIGNATURE.slice(1)],
    ["u|s|1|", `${SIGNATURE}0`],
  ])("that has not is malformed: %s%s", (message, signature) => {
    expect(reason(any, message + signature)).toBe("malformed");
  });

  // The neighbours of each row of digits.
  it.each([..."/:`g@G"])("with %s for a digit is malformed, wherever it stands", (wrong) => {
    for (const at of [0, 31, 63]) {
      const signature = SIGNATURE.slice(0, at) + wrong + SIGNATURE.slice(at + 1);
      for (const tokens of [any, lenient]) expect(reason(tokens, `u|s|1|${signature}`)).toBe("malformed");
    }
  });

  it.each([..."ACF"])("with an upper-case %s is malformed unless they are allowed", (upper) => {
    expect(reason(any, `u|s|1|${upper}${SIGNATURE.slice(1)}`)).toBe("malformed");
    expect(reason(lenient, `u|s|1|${upper}${SIGNATURE.slice(1)}`)).toBe("not-genuine");
  });
});

describe("a genuine signature", () => {
  it.each(["9", "u", "u|9", "9|", "|9", "||9", "u1700000009", "u|mine|", "u|mine|-1", "u|mine|1|1", "u|mine|9|"])(
    "under %s makes no token",
    (message) => {
      for (const tokens of [any, mine]) expect(reason(tokens, signed(message))).toBe("malformed");
    },
  );

  it("stands behind a bar, which is not signed itself", () => {
    const token = signed(`u|mine|${NOW + 1}`);
    for (const other of ["#", "}", "{", "l", " ", "0", "\x7f", "é"]) {
      const changed = `${token.slice(0, -65)}${other}${token.slice(-64)}`;
      for (const tokens of [any, mine]) expect(reason(tokens, changed)).toBe("malformed");
    }
    for (const tokens of [any, mine]) expect(reason(tokens, token)).toBe("valid");
  });

  it("of an expiration of 0 is one", () => {
    expect(reason(any, signed("u|s|0"), 0)).toBe("expired");
  });

  it("is refused from its expiration on, by a server of one session and of any", () => {
    for (const tokens of [any, mine]) {
      const at = [NOW - 1, NOW, NOW + 1].map((time) => reason(tokens, signed(`u|mine|${NOW}`), time));
      expect(at).toEqual(["valid", "expired", "expired"]);
    }
    expect(reason(mine, signed(`u|theirs|${NOW + 1}`))).toBe("wrong-session");
    expect(reason(mine, signed(`u|null|${NOW + 1}`))).toBe("wrong-session");
  });
});

describe("ids", () => {
  it.each([
    ["", "must have 1 to 63 bytes of UTF-8"],
    ["é".repeat(63), "must have 1 to 63 bytes of UTF-8"],
    ["u".repeat(64), "must have 1 to 63 bytes of UTF-8"],
    ["\ud800", "holds a lone surrogate"],
    ["a|b", "holds a bar"],
    ["a\n", "holds a control character"],
  ])("%j are refused with what is wrong with them", (userId, problem) => {
    const error = expectError(() => any.issue({ userId, sessionId: "s" }), "ERR_FORMAT", "userId");
    expect(error.message).toContain(problem);
  });
});

describe("arguments", () => {
  it.each([
    [() => any.issue(5 as never), "ERR_TYPE", "token"],
    [() => any.issue({ userId: "u", sessionId: "s" }, 5 as never), "ERR_TYPE", "options"],
    [() => any.issue({ userId: "u" }), "ERR_TYPE", "sessionId"],
    [() => any.verifyMany("token" as never), "ERR_TYPE", "tokens"],
    [() => any.issue({ userId: "u", sessionId: "s", expiration: 2n ** 53n }), "ERR_RANGE", "expiration"],
  ] as const)("%s", (run, code, argument) => {
    expectError(run, code, argument);
  });

  it.each([
    [5, "ERR_TYPE"],
    ["00", "ERR_RANGE"],
    [new Uint8Array(31).fill(1), "ERR_RANGE"],
  ] as const)("a secret that is %s: the message tells both forms", (secret, code) => {
    const error = expectError(() => new SnapNetTokens({ secret: secret as never, sessionId: null }), code, "secret");
    expect(error.message).toContain("32 bytes or 64 hex characters");
  });

  it("a line break within the secret's digits is none at its end", () => {
    const secret = `${HEX.slice(0, 8)}\n${HEX.slice(8)}`;
    const error = expectError(() => new SnapNetTokens({ secret, sessionId: null }), "ERR_FORMAT", "secret");
    expect(error.message).toBe("secret is not hex");
  });

  it.each([3, 256, 257, 600])("of a list of %s, each item is read once, and nothing beyond", (length) => {
    const read: number[] = [];
    const list = new Proxy(new Array<string>(length).fill(signed(`u|s|${NOW + 1}`)), {
      get(target, name, receiver) {
        if (/^\d+$/.test(String(name))) read.push(Number(name));
        return Reflect.get(target, name, receiver);
      },
    });
    expect(any.verifyMany(list, { now: NOW }).validCount).toBe(length);
    expect(read).toEqual(Array.from({ length }, (_, i) => i));
  });
});
