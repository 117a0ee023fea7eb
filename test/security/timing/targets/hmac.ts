import { randomBytes, randomInt } from "node:crypto";
import { CentrifugoTokens } from "connect-tokens/centrifugo";
import { hmacSha256 } from "connect-tokens/crypto";
import { SnapNetTokens } from "connect-tokens/snapnet";
import { TirtcTokens } from "connect-tokens/tirtc";
import { bytesOf, type Class, otherDigit, Pool, secretOf, spoiltAt, type Target } from "../target.ts";

const NOW = 1_700_000_000;
const FIRST_OR_LAST = ["tag wrong in its first byte", "in its last byte"] as const;
const FIXED_OR_RANDOM = ["key of a single bit", "random key"] as const;
const HEX_CHARACTERS = 64;

/** A user id of eight digits, so that all tokens are equally long. */
const user = (): string => `${randomInt(1e7, 1e8)}`;

const tokens = (): SnapNetTokens => new SnapNetTokens({ secret: randomBytes(32), sessionId: "session" });

export function forgedSnapNet(holder: SnapNetTokens, digit: (which: Class) => number): Pool {
  return new Pool((which) => {
    const token = holder.issue({ userId: user(), expiration: NOW + 100 });
    return bytesOf(otherDigit(token, token.length - HEX_CHARACTERS + digit(which)));
  });
}

/** The digit that differs: of the first byte or of the last. */
const firstOrLast = (which: Class): number => (which === 0 ? 0 : HEX_CHARACTERS - 1);

export const hmacTargets: readonly Target[] = [
  {
    name: "hmacSha256",
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls: 50,
    answer: 32,
    make() {
      const pool = new Pool((which) => secretOf(which));
      const message = randomBytes(64);
      return { prepare: (which) => pool.draw(which), call: () => hmacSha256(pool.drawn, message).length };
    },
  },
  {
    name: "SnapNet, key set-up and wipe",
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls: 50,
    answer: 1,
    make() {
      const pool = new Pool((which) => secretOf(which));
      return {
        prepare: (which) => pool.draw(which),
        call() {
          new SnapNetTokens({ secret: pool.drawn, sessionId: null }).dispose();
          return 1;
        },
      };
    },
  },
  {
    name: "SnapNet verify, forged",
    classes: FIRST_OR_LAST,
    role: "target",
    calls: 50,
    answer: 0,
    make() {
      const holder = tokens();
      const pool = forgedSnapNet(holder, firstOrLast);
      let token = "";
      return {
        prepare(which) {
          pool.draw(which);
          token = pool.text();
        },
        call: () => Number(holder.verify(token, { now: NOW }).valid),
      };
    },
  },
  {
    name: "SnapNet verifyMany, 8 forged",
    classes: FIRST_OR_LAST,
    role: "target",
    calls: 50,
    answer: 0,
    make() {
      const holder = tokens();
      const pool = forgedSnapNet(holder, firstOrLast);
      const batch: string[] = Array.from({ length: 8 }, () => "");
      return {
        prepare(which) {
          for (let i = 0; i < batch.length; i++) {
            pool.draw(which);
            batch[i] = pool.text();
          }
        },
        call: () => holder.verifyMany(batch, { now: NOW }).validCount,
      };
    },
  },
  {
    name: "Centrifugo verifyApi, forged",
    classes: FIRST_OR_LAST,
    role: "target",
    calls: 50,
    answer: 0,
    make() {
      const holder = new CentrifugoTokens({ secret: randomBytes(32), profile: "v1", lifetime: 60 });
      const body = bytesOf('{"method":"publish","params":{}}');
      const pool = new Pool((which) => bytesOf(otherDigit(holder.signApi(body), firstOrLast(which))));
      let sign = "";
      return {
        prepare(which) {
          pool.draw(which);
          sign = pool.text();
        },
        call: () => Number(holder.verifyApi(body, sign)),
      };
    },
  },
  {
    name: "TiRTC verify, forged",
    classes: FIRST_OR_LAST,
    role: "target",
    calls: 50,
    answer: 0,
    make() {
      const holder = new TirtcTokens({
        accessId: "access",
        secretKey: randomBytes(32),
        deviceSecretKey: randomBytes(32),
      });
      const pool = new Pool((which) => {
        const token = holder.issue({ peerId: "device://1", sub: user() }, { now: NOW });
        const dot = token.lastIndexOf(".");
        const tag = Buffer.from(token.slice(dot + 1), "base64url");
        const forged = Buffer.from(spoiltAt(tag, which === 0 ? 0 : tag.length - 1)).toString("base64url");
        return bytesOf(token.slice(0, dot + 1) + forged);
      });
      let token = "";
      return {
        prepare(which) {
          pool.draw(which);
          token = pool.text();
        },
        call: () => Number(holder.verify(token, { now: NOW }).valid),
      };
    },
  },
];
