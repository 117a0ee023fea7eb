// The engine's part of a worker: it verifies what it is sent, in the order in which it is sent.
import type { OpenWindow } from "../common/packet-batch.ts";
import { ConnectTokensError } from "../errors.ts";
import { builtin } from "./builtin.ts";
import type { Done, FromWorker, Setup, ToWorker, Work } from "./messages.ts";
import { packetsIn } from "./shared-buffers.ts";

/** What a scheme brings along to its workers. */
export interface WorkerScheme<Settings extends object, Verifier, Window extends object> {
  readonly packetBytes: number;
  /** Packets that {@link verify} takes at a time, as in the pool's format. */
  readonly windowPackets: number;
  /**
   * Prepares the keys.
   *
   * @param module the compiled module to start from; `undefined` where the engine could not send it
   * @param secrets are wiped when this returns or throws
   */
  setUp(settings: Settings, module: object | undefined, secrets: readonly Uint8Array[]): Verifier;
  /** Verifies a window of packets. */
  verify(verifier: Verifier, now: bigint, ...window: Parameters<OpenWindow<Window>>): Window | undefined;
  /** The buffers of what {@link verify} returned, none of which is used any more. */
  buffersOf(window: Window): ArrayBufferLike[];
  /** Wipes the keys. */
  dispose(verifier: Verifier): void;
}

/** Runs a scheme's worker: the whole of its script. */
export function runWorker<Settings extends object, Verifier, Window extends object>(
  scheme: WorkerScheme<Settings, Verifier, Window>,
): void {
  const receive = receiver(scheme);
  const threads = builtin<{ readonly parentPort: NodePort | null }>("node:worker_threads");
  const { addEventListener, document } = globalThis as Partial<WebPort> & { document?: unknown };
  if (threads?.parentPort) {
    const { parentPort } = threads;
    parentPort.on("message", (message) => receive(message, parentPort));
  } else if (document === undefined && typeof addEventListener === "function") {
    // A Web Worker, be it Deno's. Messages do not wait: it listens before the script has run to its end.
    const port = globalThis as unknown as WebPort;
    port.addEventListener("message", ({ data }) => receive(data, port));
  } else {
    throw new ConnectTokensError("ERR_START", "worker", "this file is a worker's: hand it to a pool, do not import it");
  }
}

/** The part that the ports of Node and of browsers have in common. */
interface Port {
  postMessage(message: FromWorker, transfer: ArrayBuffer[]): void;
}

interface NodePort extends Port {
  on(event: "message", listener: (message: ToWorker) => void): void;
}

interface WebPort extends Port {
  addEventListener(event: "message", listener: (event: { data: ToWorker }) => void): void;
}

function receiver<Settings extends object, Verifier, Window extends object>(
  scheme: WorkerScheme<Settings, Verifier, Window>,
): (message: ToWorker, port: Port) => void {
  const { packetBytes, windowPackets } = scheme;
  let prepared: { readonly verifier: Verifier } | undefined;
  let shared: SharedArrayBuffer | undefined;

  function setUp({ module, settings, secrets, shared: memory }: Setup): FromWorker {
    const bytes = secrets.map((secret) => new Uint8Array(secret));
    try {
      prepared = { verifier: scheme.setUp(settings as Settings, module, bytes) };
      shared = memory;
      return { kind: "ready" };
    } catch (error) {
      return { kind: "refusal", message: error instanceof Error ? error.message : String(error) };
    } finally {
      for (const secret of bytes) secret.fill(0);
    }
  }

  function verify({ count, now, packets }: Work, port: Port): void {
    const { verifier } = prepared as { verifier: Verifier };
    const source =
      typeof packets === "number" ? packetsIn(shared as SharedArrayBuffer, packets, count, packetBytes) : packets;
    const statuses = new Uint8Array(count);
    const windows: (Window | undefined)[] = [];
    const transfer: ArrayBuffer[] = [];
    for (let from = 0; from < count; from += windowPackets) {
      const some = source.subarray(from * packetBytes, (from + windowPackets) * packetBytes);
      const write = (target: Uint8Array): void => target.set(some);
      const window = scheme.verify(verifier, now, write, statuses.subarray(from, from + windowPackets));
      if (window) transfer.push(...(scheme.buffersOf(window) as ArrayBuffer[]));
      windows.push(window);
    }
    const done: Done = { kind: "done", statuses, windows };
    port.postMessage(done, transfer);
  }

  return (message, port) => {
    switch (message.kind) {
      case "setup":
        port.postMessage(setUp(message), []);
        break;
      case "work":
        verify(message, port);
        break;
      case "stop":
        if (prepared) scheme.dispose(prepared.verifier);
        port.postMessage({ kind: "stopped" }, []);
    }
  };
}
