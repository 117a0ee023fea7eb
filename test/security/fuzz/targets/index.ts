import type { Target } from "../target.ts";
import { centrifugo, centrifugoApi, centrifugoChannel } from "./centrifugo.ts";
import { open } from "./crypto.ts";
import { cuteHydrogen, cutePublic, cuteSignature, cuteXchacha } from "./cute.ts";
import { cuteSession } from "./cute-session.ts";
import { json } from "./json.ts";
import { netcode, netcodePublic } from "./netcode.ts";
import { snapnet } from "./snapnet.ts";
import { deviceLicense, encoding, endpoints } from "./text.ts";
import { peerId, tirtc } from "./tirtc.ts";

/** Every decoder, reader and verifier. */
export const targets: readonly Target[] = [
  ...[cutePublic, cuteHydrogen, cuteXchacha, cuteSignature, cuteSession, endpoints],
  ...[netcodePublic, netcode],
  ...[snapnet, centrifugo, centrifugoChannel, centrifugoApi, tirtc, peerId, deviceLicense],
  ...[json, encoding, open],
];
