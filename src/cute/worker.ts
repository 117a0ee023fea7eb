// `connect-tokens/cute/worker`: the file that the workers of a CutePool run.
import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { runWorker } from "../pool/worker.ts";
import { CuteKey, type OpenedWindow, openWindow, type PacketChecks, WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { provideModule } from "../wasm/instantiate.ts";

/** What a worker is told beside its secrets. */
export type CuteWorkerSettings = Omit<PacketChecks, "keys">;

runWorker<CuteWorkerSettings, PacketChecks, OpenedWindow>({
  packetBytes: PACKET_BYTES,
  windowPackets: WINDOW_PACKETS,
  setUp: ({ suite, strict, applicationId, serverEndpoint }, module, secrets) => {
    if (module) provideModule("cute", module);
    const keys = secrets.map((secret) => new CuteKey(suite, secret, "secret"));
    return { suite, strict, applicationId, serverEndpoint, keys };
  },
  verify: openWindow,
  buffersOf: ({ records, starts }) => [records.buffer, starts.buffer],
  dispose: ({ keys }) => {
    for (const key of keys) key.dispose();
  },
});
