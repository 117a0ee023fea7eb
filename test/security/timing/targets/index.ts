import type { Target } from "../target.ts";
import { aeadTargets } from "./aead.ts";
import { controls } from "./controls.ts";
import { cuteTargets } from "./cute.ts";
import { encodingTargets } from "./encoding.ts";
import { hmacTargets } from "./hmac.ts";
import { kernelTargets } from "./kernel.ts";
import { netcodeTargets } from "./netcode.ts";

export const targets: readonly Target[] = [
  ...controls,
  ...hmacTargets,
  ...encodingTargets,
  ...aeadTargets,
  ...cuteTargets,
  ...netcodeTargets,
  ...kernelTargets,
];
