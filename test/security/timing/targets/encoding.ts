import { HMAC_ARENA } from "../../../../assembly/memory/hmac.ts";
import { loadKernel } from "../../../unit/assembly/load.ts";
import { bytesOf, type Class, Pool, secretOf, type Target, type Trial } from "../target.ts";

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

type Run = (kernel: EncodingKernel) => number;

/** @param records of the form that the export reads */
function encodingTrial(records: (which: Class) => Uint8Array, run: Run): Trial {
  const kernel = loadKernel<EncodingKernel>("hmac");
  const memory = new Uint8Array(kernel.memory.buffer);
  const pool = new Pool(records);
  return {
    prepare(which) {
      pool.draw(which);
      memory.set(pool.drawn, SOURCE);
    },
    call: () => run(kernel),
  };
}

/** @param encoding how the 32 bytes are written where the export reads them */
function encodingTarget(
  name: keyof EncodingKernel,
  encoding: "hex" | "base64url" | undefined,
  answer: number,
  run: Run,
): Target {
  const record = (which: Class): Uint8Array => {
    const secret = Buffer.from(secretOf(which));
    return encoding ? bytesOf(secret.toString(encoding)) : secret;
  };
  return {
    name,
    classes: ["bytes of a single bit", "random bytes"],
    role: "target",
    calls: 200,
    answer,
    make: () => encodingTrial(record, run),
  };
}

const encodeBase64url: Run = (kernel) => kernel.base64urlEncode(SOURCE, 32, TARGET);

/** The control of the shortest calls, with which the smallest differences show. */
export const sameEncoding: Target = {
  name: "control: A/A, base64urlEncode",
  classes: ["random bytes", "random bytes"],
  role: "same",
  calls: 200,
  answer: BASE64URL_CHARACTERS,
  make: () => encodingTrial(() => secretOf(1), encodeBase64url),
};

export const encodingTargets: readonly Target[] = [
  encodingTarget("hexDecode", "hex", 1, (kernel) => kernel.hexDecode(SOURCE, HEX_CHARACTERS, TARGET, 1)),
  encodingTarget("hexEncode", undefined, 0, (kernel) => {
    kernel.hexEncode(SOURCE, 32, TARGET);
    return 0;
  }),
  encodingTarget("base64urlDecode", "base64url", 32, (kernel) =>
    kernel.base64urlDecode(SOURCE, BASE64URL_CHARACTERS, TARGET),
  ),
  encodingTarget("base64urlEncode", undefined, BASE64URL_CHARACTERS, encodeBase64url),
];
