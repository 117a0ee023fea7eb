import { describe, expect, it } from "vitest";
import { NETCODE_REQUESTS } from "../../assembly/memory/netcode.ts";
import { NetcodeTokens } from "../../src/netcode/index.ts";
import * as chacha from "../reference/chacha20poly1305.ts";
import { privateText, requestOf, writeToken } from "../reference/netcode.ts";
import { concat, flipBit, hex, patched } from "./bytes.ts";
import { DIALECTS, issueOf, NOW, randomFields } from "./netcode.ts";
import { Random } from "./random.ts";
import { disposeAll, hold, kernels, leavesNothing, type Way, xor } from "./secrets.ts";
import { STRANGE } from "./string-schemes.ts";
import { Windows } from "./windows.ts";

/** Part of test/unit/wasm/secrets.test.ts: every call of NetcodeTokens. */
export function describeNetcodeSecrets(): void {
  describe.each(DIALECTS)("NetcodeTokens, dialect %s", (dialect) => {
    it("every call", () => {
      const random = new Random(78);
      const [secret, older, nonce] = [random.bytes(32), random.bytes(32), random.bytes(24)];
      const fields = randomFields(random);
      const { protocolId } = fields;
      const token = writeToken(dialect, secret, fields, nonce);
      const packet = requestOf(dialect, token);
      // Up to the user data's end: behind it stand zeros.
      const text = privateText(dialect, fields);
      const length =
        16 + fields.internalServerAddresses.reduce((sum, { family }) => sum + (family === 4 ? 7 : 19), 320);
      const subkey = chacha.hchacha20(secret, nonce.subarray(0, 16));
      const block = chacha.chacha20Block(subkey, 0, concat(new Uint8Array(4), nonce.subarray(16)));
      const own = {
        ...{ secret, older, subkey: new Uint8Array(subkey), "one-time key": new Uint8Array(block.subarray(0, 32)) },
        text: new Uint8Array(text.subarray(16, length)),
        // Where the text is zero, the key stream stands in the packet.
        stream: xor(
          new Uint8Array(text.subarray(length - 320, length)),
          packet.subarray(54 + length - 320, 54 + length),
        ),
        hex: new TextEncoder().encode(hex(secret)),
      };
      const call = (name: string, way: Way, run: () => unknown) => leavesNothing(name, way, own, run);
      const make = (secrets: unknown, options: object = {}) =>
        new NetcodeTokens({ protocolId, dialect, secret: secrets as Uint8Array, ...options });
      call("new NetcodeTokens", "throw", () => make([secret, hex(older), older.subarray(1)]));
      call("new NetcodeTokens", "throw", () => make([hex(secret), `${hex(secret).slice(1)}x`]));
      call("new NetcodeTokens", "throw", () => make(secret, { serverAddress: "0.0.0.0:1" }));
      const tokens = leavesNothing("new NetcodeTokens", "success", own, () => hold(() => make([hex(secret), older])));
      const elsewhere = hold(() => make(secret, { serverAddress: "203.0.113.99:1" }));
      const issue = { ...issueOf(fields), allowNoTimeout: true };
      call("NetcodeTokens.issue", "success", () => expect(tokens.issue(issue, { entropy: nonce })).toEqual(token));
      call("NetcodeTokens.issue", "throw", () => tokens.issue({ ...issue, serverAddresses: [] }, { entropy: nonce }));
      call("NetcodeTokens.issue", "throw", () => tokens.issue({ ...issue, clientId: -1 }, { entropy: nonce }));
      call("NetcodeTokens.issueMany", "success", () => tokens.issueMany([issue, issue]));
      call("NetcodeTokens.issueMany", "throw", () => tokens.issueMany([issue, { ...issue, timeoutSeconds: 0 }]));
      call("NetcodeTokens.verify", "success", () => expect(tokens.verify(packet, { now: NOW }).valid).toBe(true));
      call("NetcodeTokens.verify", "failure", () =>
        expect(elsewhere.verify(packet, { now: NOW })).toMatchObject({ reason: "not-this-server" }),
      );
      const bad = [
        ...[0, 8, 120, 8 * 30, 8 * 54, 8 * 1000, 8 * 1077].map((bit) => flipBit(packet, bit)),
        patched(packet, 22, new Uint8Array(8)),
        ...(STRANGE as Uint8Array[]),
      ];
      for (const one of bad) {
        call("NetcodeTokens.verify", "failure", () => expect(tokens.verify(one, { now: NOW }).valid).toBe(false));
      }
      call("NetcodeTokens.verify", "throw", () => tokens.verify(packet, { now: -1 }));
      const many = Array.from({ length: 300 }, (_, i) => [packet, ...bad][i % (bad.length + 1)] as Uint8Array);
      call("NetcodeTokens.verifyMany", "success", () => tokens.verifyMany(concat(packet, packet), { now: NOW }));
      call("NetcodeTokens.verifyMany", "failure", () => tokens.verifyMany(many, { now: NOW }));
      call("NetcodeTokens.verifyMany", "throw", () => tokens.verifyMany(packet.subarray(1), { now: NOW }));
      disposeAll("NetcodeTokens.dispose", own);
      call("NetcodeTokens.verify", "throw", () => tokens.verify(packet, { now: NOW }));
      call("NetcodeTokens.issue", "throw", () => tokens.issue(issue, { entropy: nonce }));
      // As requests that are public stand where they were looked at, the search would find what is there.
      expect(new Windows({ packet }).find(kernels.netcode.memory.subarray(NETCODE_REQUESTS))).not.toEqual([]);
    });
  });
}
