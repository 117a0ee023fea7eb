import { randomBytes, randomInt } from "node:crypto";
import { NetcodeTokens } from "connect-tokens/netcode";
import { connectionRequestPacket } from "connect-tokens/netcode/public";
import { Pool, secretOf, spoiltAt, type Target } from "../target.ts";

const now = { now: 1_790_000_000n };
const SECRET_BYTES = 32;
const TAG_AT = 1062;
const TAG_BYTES = 16;
const FIXED_OR_RANDOM = ["secret of a single bit", "random secret"] as const;

const holderOf = (secret: Uint8Array): NetcodeTokens => new NetcodeTokens({ protocolId: 42n, secret });

const fields = () => ({
  clientId: BigInt(randomInt(2 ** 40)),
  serverAddresses: ["203.0.113.7:40000"],
  timeoutSeconds: 5,
  clientToServerKey: randomBytes(32),
  serverToClientKey: randomBytes(32),
});

const packetOf = (holder: NetcodeTokens): Uint8Array => connectionRequestPacket(holder.issue(fields(), now));

export const netcodeTargets: readonly Target[] = [
  {
    name: "netcode verify, forged",
    classes: ["tag wrong in its first byte", "in its last byte"],
    role: "target",
    calls: 50,
    answer: 0,
    make() {
      const holder = holderOf(secretOf(1));
      const pool = new Pool((which) => spoiltAt(packetOf(holder), which === 0 ? TAG_AT : TAG_AT + TAG_BYTES - 1));
      return {
        prepare: (which) => pool.draw(which),
        call: () => Number(holder.verify(pool.drawn, now).valid),
      };
    },
  },
  {
    name: "netcode verify, genuine",
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls: 50,
    answer: 1,
    make() {
      const pool = new Pool((which) => {
        const secret = secretOf(which);
        const holder = holderOf(secret);
        const record = Buffer.concat([secret, packetOf(holder)]);
        holder.dispose();
        return record;
      });
      const [secret, packet] = [pool.drawn.subarray(0, SECRET_BYTES), pool.drawn.subarray(SECRET_BYTES)];
      let holder: NetcodeTokens | undefined;
      return {
        prepare(which) {
          holder?.dispose();
          pool.draw(which);
          holder = holderOf(secret);
        },
        call: () => Number((holder as NetcodeTokens).verify(packet, now).valid),
      };
    },
  },
  {
    name: "netcode issue",
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls: 50,
    answer: 2048,
    make() {
      const pool = new Pool((which) => secretOf(which));
      const token = fields();
      let holder: NetcodeTokens | undefined;
      return {
        prepare(which) {
          holder?.dispose();
          pool.draw(which);
          holder = holderOf(pool.drawn);
        },
        call: () => (holder as NetcodeTokens).issue(token, now).length,
      };
    },
  },
  {
    name: "netcode secret from hex",
    classes: FIXED_OR_RANDOM,
    role: "target",
    calls: 50,
    answer: 1,
    make() {
      const pool = new Pool((which) => new TextEncoder().encode(Buffer.from(secretOf(which)).toString("hex")));
      const decoder = new TextDecoder();
      return {
        prepare: (which) => pool.draw(which),
        call() {
          new NetcodeTokens({ protocolId: 42n, secret: decoder.decode(pool.drawn) }).dispose();
          return 1;
        },
      };
    },
  },
];
