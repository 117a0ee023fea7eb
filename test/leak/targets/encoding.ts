import { HMAC_ARENA } from "../../../assembly/memory.ts";
import { loadKernel } from "../../assembly/load.ts";
import { bytesOf, Pool, secretOf, type Target } from "../target.ts";

// The exports themselves: what stands around them in the package would take longer than they do.

interface EncodingKernel {
  hexEncode(source: number, length: number, target: number): void;
  hexDecode(source: number, length: number, target: number, anyCase: number): number;
  base64urlEncode(source: number, length: number, target: number): number;
  base64urlDecode(source: number, length: number, target: number): number;
}

const HEX_CHARACTERS = 64;
const BASE64URL_CHARACTERS = 43;
const SOURCE = HMAC_ARENA;
const TARGET = HMAC_ARENA + 0x1000;

/** @param encoding how the 32 bytes are written where the export reads them */
function encodingTarget(
  name: keyof EncodingKernel,
  encoding: "hex" | "base64url" | undefined,
  answer: number,
  run: (kernel: EncodingKernel) => number,
): Target {
  return {
    name,
    classes: ["bytes of a single bit", "random bytes"],
    role: "target",
    calls: 200,
    answer,
    make() {
      const kernel = loadKernel<EncodingKernel>("hmac");
      const memory = new Uint8Array(kernel.memory.buffer);
      const pool = new Pool((which) => {
        const secret = Buffer.from(secretOf(which));
        return encoding ? bytesOf(secret.toString(encoding)) : secret;
      });
      return {
        prepare(which) {
          pool.draw(which);
          memory.set(pool.drawn, SOURCE);
        },
        call: () => run(kernel),
      };
    },
  };
}

export const encodingTargets: readonly Target[] = [
  encodingTarget("hexDecode", "hex", 1, (kernel) => kernel.hexDecode(SOURCE, HEX_CHARACTERS, TARGET, 1)),
  encodingTarget("hexEncode", undefined, 0, (kernel) => {
    kernel.hexEncode(SOURCE, 32, TARGET);
    return 0;
  }),
  encodingTarget("base64urlDecode", "base64url", 32, (kernel) =>
    kernel.base64urlDecode(SOURCE, BASE64URL_CHARACTERS, TARGET),
  ),
  encodingTarget("base64urlEncode", undefined, BASE64URL_CHARACTERS, (kernel) =>
    kernel.base64urlEncode(SOURCE, 32, TARGET),
  ),
];
