// `connect-tokens/cute/worker`: the file that the workers of a CutePool run.
import { PACKET_BYTES } from "../../assembly/cute/layout.ts";
import { runWorker } from "../pool/worker.ts";
import { type OpenedWindow, WINDOW_PACKETS } from "../wasm/cute/kernel.ts";
import { provideModule } from "../wasm/instantiate.ts";
import type { CuteSettings } from "./options.ts";
import { CuteVerifier } from "./verifier.ts";

runWorker<CuteSettings, CuteVerifier, OpenedWindow>({
  packetBytes: PACKET_BYTES,
  windowPackets: WINDOW_PACKETS,
  setUp: (settings, module, secrets) => {
    if (module) provideModule("cute", module);
    return new CuteVerifier(settings, secrets);
  },
  verify: (verifier, now, write, statuses) => verifier.open(now, write, statuses),
  buffersOf: ({ records, starts }) => [records.buffer, starts.buffer],
  dispose: (verifier) => verifier.dispose(),
});
