import { expect, it } from "vitest";
import { CutePackets } from "../../../src/cute/packets.ts";
import { SessionKeys } from "../../../src/cute/session-keys.ts";
import { openSessionPackets, sealSessionPackets } from "../../../src/wasm/cute/session.ts";
import { flipBit } from "../../support/bytes.ts";
import { collected } from "../../support/collect.ts";
import { World } from "../../support/cute-world.ts";
import { Random } from "../../support/random.ts";
import { kernels } from "../../support/secrets.ts";
import { Windows } from "../../support/windows.ts";

// T10 for session packets: after every call, whether it succeeds, refuses or throws, linear memory holds no eight bytes in a
// row of a session key, of what is prepared from it, of the random bytes or of a plaintext. Keys of sessions are no slots.

const random = new Random(78);

type Way = "success" | "failure" | "throw";

/** Runs a call that must end in this way, and looks for secrets behind it. */
function leavesNothing<Result>(call: string, way: Way, secrets: Record<string, Uint8Array>, run: () => Result): Result {
  let result: Result | undefined;
  let thrown = false;
  try {
    result = run();
  } catch {
    thrown = true;
  }
  expect(thrown, call).toBe(way === "throw");
  expect(new Windows(secrets).find(kernels.cute.memory), `${call}, ${way}`).toEqual([]);
  return result as Result;
}

it.each([8, 100, 1205])("a payload of %i bytes, sealed, opened and refused", (size) => {
  const [toServer, toClient, entropy, body] = [
    random.bytes(32),
    random.bytes(32),
    random.bytes(20),
    random.bytes(size),
  ];
  const prepared = new SessionKeys("client", toServer, toClient);
  const secrets = {
    toServer,
    toClient,
    entropy,
    body,
    seal: prepared.seal.slice(),
    open: prepared.open.slice(),
  };
  const options = { clientToServerKey: toServer, serverToClientKey: toClient };
  const call = (name: string, way: "success" | "failure" | "throw", run: () => unknown) =>
    leavesNothing(name, way, secrets, run);
  call(
    "new CutePackets",
    "throw",
    () => new CutePackets({ side: "client", ...options, serverToClientKey: body.subarray(0, 7) }),
  );
  const client = call(
    "new CutePackets",
    "success",
    () => new CutePackets({ side: "client", ...options }),
  ) as CutePackets;
  const server = new CutePackets({ side: "server", ...options });
  const sealed = client.seal("payload", 1n, body, { entropy });
  call("CutePackets.seal", "success", () => client.seal("payload", 1n, body, { entropy }));
  call("CutePackets.seal", "throw", () => client.seal("payload", 1n, body, { entropy: entropy.subarray(1) }));
  call("CutePackets.open", "success", () => expect(server.open(sealed)?.body).toEqual(body));
  for (const bit of [8, 37 * 8, 57 * 8, 73 * 8, sealed.length * 8 - 1]) {
    call("CutePackets.open", "failure", () => expect(server.open(flipBit(sealed, bit))).toBeUndefined());
  }
  call("CutePackets.dispose", "success", () => client.dispose());
  call("CutePackets.seal", "throw", () => client.seal("payload", 1n, body));
  call("CutePackets.open", "throw", () => client.open(sealed));
});

it("a bulk call that ends by an exception half-way", () => {
  const [key, body, iv] = [random.bytes(32), random.bytes(300), random.bytes(20)];
  const keys = new SessionKeys("client", key, key);
  const job = { key: keys.seal, type: 7, sequence: 1n, text: body, iv };
  const [sealed] = sealSessionPackets([job]);
  const secrets = { key, body, iv, prepared: keys.seal.slice() };
  leavesNothing("sealSessionPackets", "throw", secrets, () =>
    sealSessionPackets([job, job, { ...job, sequence: 1 as never }]),
  );
  const opening = { key: keys.open, datagram: sealed as Uint8Array };
  leavesNothing("openSessionPackets", "throw", secrets, () =>
    openSessionPackets([opening, { ...opening, key: null as never }]),
  );
  leavesNothing("openSessionPackets", "success", secrets, () => openSessionPackets(new Array(200).fill(opening)));
});

it("a server and its client, from the token to the goodbye", () => {
  const world = new World();
  const client = world.add();
  const body = random.bytes(64);
  world.until(() => client.state === "connected");
  const claims = world.events.flatMap((event) => (event.type === "connected" ? [event.claims] : []))[0];
  if (claims === undefined) throw new Error("not connected");
  const { clientToServerKey, serverToClientKey, userData } = claims;
  expect(userData.length).toBe(256);
  const secrets = { body, clientToServerKey: clientToServerKey.slice(), serverToClientKey: serverToClientKey.slice() };
  leavesNothing("CuteServer", "success", secrets, () => {
    client.send(body, { reliable: true });
    world.server.send(0, body);
    world.run(0.3);
    client.disconnect();
    world.run(0.3);
  });
  expect(world.events.map(({ type }) => type)).toEqual(["connected", "message", "disconnected"]);
});

it("a session's keys that were forgotten are wiped, where the engine tells", { timeout: 30_000 }, async () => {
  const prepared = (keys: SessionKeys): Uint8Array[] => [keys.seal, keys.open];
  const isWiped = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
  const kept = new SessionKeys("client", random.bytes(32), random.bytes(32));
  const forgotten = prepared(new SessionKeys("server", random.bytes(32), random.bytes(32)));
  expect(forgotten.some(isWiped)).toBe(false);
  await collected(() => forgotten.every(isWiped));
  expect(prepared(kept).some(isWiped)).toBe(false);
});
