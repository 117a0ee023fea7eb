// Session packets of Cute in bulk, one thread: payloads of 100 bytes under keys of 256 sessions, beside one X25519 agreement,
// since there is no peer for them in JavaScript. The bulk calls are what servers use, and no entry of the package.
import { diffieHellman, generateKeyPairSync, randomBytes } from "node:crypto";
import { payloadText } from "../../src/cute/packet-types.ts";
import { SessionKeys } from "../../src/cute/session-keys.ts";
import { openSessionPackets, sealSessionPackets } from "../../src/wasm/cute/session.ts";
import { CutePackets } from "../library.ts";
import { agree, agreeOnBytes } from "../support/agree.ts";
import { measure, type Timing } from "../support/measure.ts";
import { costRow, type Suite } from "../support/result.ts";

const SESSIONS = 256;
const PAYLOAD = 7;

const suite: Suite = async () => {
  const sessions = Array.from({ length: SESSIONS }, () => {
    const keys = { clientToServerKey: bytes(32), serverToClientKey: bytes(32) };
    const of = (side: "client" | "server") => new SessionKeys(side, keys.clientToServerKey, keys.serverToClientKey);
    return { keys, client: of("client"), server: of("server"), body: bytes(100), iv: bytes(20) };
  });
  const seals = sessions.map(({ client, body, iv }, i) => {
    return { key: client.seal, type: PAYLOAD, sequence: BigInt(i), text: payloadText(body), iv };
  });
  const sealed = sealSessionPackets(seals);
  const opens = sessions.map(({ server }, i) => ({ key: server.open, datagram: sealed[i] as Uint8Array }));
  const opened = openSessionPackets(opens);
  for (const [i, { keys, body, iv }] of sessions.entries()) {
    const packets = new CutePackets({ side: "client", ...keys });
    agreeOnBytes("CutePackets", sealed[i] as Uint8Array, packets.seal("payload", i, body, { entropy: iv }));
    agree("opening", [body.length + 2], [opened[i]?.length]);
    packets.dispose();
  }
  const { privateKey } = generateKeyPairSync("x25519");
  const { publicKey } = generateKeyPairSync("x25519");
  const [open, seal, openssl] = (await measure([
    { name: "open", units: SESSIONS, run: () => openSessionPackets(opens).length },
    { name: "seal", units: SESSIONS, run: () => sealSessionPackets(seals).length },
    {
      name: "X25519, OpenSSL",
      units: 64,
      run: () => {
        for (let i = 0; i < 64; i++) diffieHellman({ privateKey, publicKey });
      },
    },
  ])) as [Timing, Timing, Timing];
  const unit = "µs/packet";
  return {
    rows: [
      costRow({ key: "cute/session/open", work: "Cute session packets, open", unit }, open, openssl, { atMost: 0.05 }),
      costRow({ key: "cute/session/seal", work: "Cute session packets, seal", unit }, seal, openssl, { atMost: 0.09 }),
    ],
  };
};

const bytes = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(length));

export default suite;
