// The entry of a worker: one instance of cute.wasm, which verifies what it is sent, in the order in which it is sent.
import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { CuteKey, type OpenedWindow, openWindow, type PacketChecks, WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { provideModule } from "../wasm/instantiate.ts";
import { builtin } from "./builtin.ts";
import type { Done, FromWorker, Setup, ToWorker, Work } from "./messages.ts";
import { placeIn } from "./shared-buffers.ts";

/** The part that the ports of Node and of browsers have in common. */
interface Port {
  postMessage(message: FromWorker, transfer: ArrayBuffer[]): void;
}

let checks: PacketChecks;
let shared: Uint8Array | undefined;

function receive(message: ToWorker, port: Port): void {
  switch (message.kind) {
    case "setup":
      port.postMessage(setUp(message), []);
      break;
    case "work":
      answer(verify(message), port);
      break;
    case "stop":
      for (const key of checks?.keys ?? []) key.dispose();
      port.postMessage({ kind: "stopped" }, []);
  }
}

function setUp(setup: Setup): FromWorker {
  const { suite, strict, applicationId, serverEndpoint, secrets } = setup;
  try {
    if (setup.module) provideModule("cute", setup.module);
    const keys = secrets.map((secret) => new CuteKey(suite, secret, "secret"));
    checks = { suite, strict, applicationId, serverEndpoint, keys };
    shared = setup.shared;
    return { kind: "ready" };
  } catch (error) {
    return { kind: "refusal", message: error instanceof Error ? error.message : String(error) };
  } finally {
    for (const secret of secrets) secret.fill(0);
  }
}

function verify({ count, now, packets }: Work): Done {
  const source = typeof packets === "number" ? placeIn(shared as Uint8Array, packets, count * PACKET_BYTES) : packets;
  const statuses = new Uint8Array(count);
  const windows: (OpenedWindow | undefined)[] = [];
  for (let from = 0; from < count; from += WINDOW_PACKETS) {
    const some = source.subarray(from * PACKET_BYTES, (from + WINDOW_PACKETS) * PACKET_BYTES);
    const window = statuses.subarray(from, from + WINDOW_PACKETS);
    windows.push(openWindow(checks, now, (target) => target.set(some), window));
  }
  return { kind: "done", statuses, windows };
}

function answer(done: Done, port: Port): void {
  const transfer: ArrayBuffer[] = [];
  for (const window of done.windows) {
    // Copies that openWindow made, each in a buffer of its own.
    if (window) transfer.push(window.records.buffer as ArrayBuffer, window.starts.buffer as ArrayBuffer);
  }
  port.postMessage(done, transfer);
}

interface NodePort extends Port {
  on(event: "message", listener: (message: ToWorker) => void): void;
}

interface WebPort extends Port {
  addEventListener(event: "message", listener: (event: { data: ToWorker }) => void): void;
}

const threads = builtin<{ parentPort: NodePort }>("node:worker_threads");
if (threads) {
  // Messages wait until someone listens.
  void threads.then(({ parentPort }) => parentPort.on("message", (message) => receive(message, parentPort)));
} else {
  // In a browser they do not: listen before the script has run to its end.
  const port = globalThis as unknown as WebPort;
  port.addEventListener("message", ({ data }) => receive(data, port));
}
