// `connect-tokens/netcode/worker`: the file that the workers of a NetcodePool run.
import { CONNECTION_REQUEST_BYTES } from "../../assembly/netcode/layout.ts";
import { runWorker } from "../pool/worker.ts";
import { provideModule } from "../wasm/instantiate.ts";
import {
  NetcodeKey,
  type OpenedWindow,
  openWindow,
  type RequestChecks,
  WINDOW_REQUESTS,
} from "../wasm/netcode/tokens.ts";

/** What a worker is told beside its secrets. */
export type NetcodeWorkerSettings = Omit<RequestChecks, "keys">;

runWorker<NetcodeWorkerSettings, RequestChecks, OpenedWindow>({
  packetBytes: CONNECTION_REQUEST_BYTES,
  windowPackets: WINDOW_REQUESTS,
  setUp: (settings, module, secrets) => {
    if (module) provideModule("netcode", module);
    return { ...settings, keys: secrets.map((secret) => new NetcodeKey(secret)) };
  },
  verify: openWindow,
  buffersOf: ({ records, starts }) => [records.buffer, starts.buffer],
  dispose: ({ keys }) => {
    for (const key of keys) key.dispose();
  },
});
