import { inputOf, type Target } from "../target.ts";

/** A fault behind four bytes, each looked at on its own: blind changes would have to guess 32 bits at once. */
function isPlanted(bytes: Uint8Array): boolean {
  if (bytes[3] !== 0x7b) return false;
  if (bytes[4] !== 0x22) return false;
  if (bytes[5] !== 0x5c) return false;
  return bytes[6] === 0xff;
}

/** The control: guidance must find this one, and the same number of blind mutations must not. */
export const planted: Target = {
  name: "planted",
  maxLength: 12,
  seeds: [inputOf([], new Uint8Array(12))],
  dictionary: [],
  run(input) {
    if (isPlanted(input)) throw new Error("the planted fault");
    return "ran";
  },
};
