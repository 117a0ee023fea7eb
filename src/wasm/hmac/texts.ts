import { ENCODING_BASE64URL, HMAC_ARENA } from "../../../assembly/memory/hmac.ts";
import { asciiText, utf8Encoder } from "../../common/text.ts";
import { requireLive } from "../key-slots.ts";
import { type HmacKey, hmacKernel } from "./kernel.ts";
import type { TagForm, TextBatch, TextVerdict } from "./text-batch.ts";
import { TextWindow } from "./text-window.ts";

export {
  type CheckedText,
  MAX_TEXT_CHARACTERS,
  NO_NUMBER,
  type TagForm,
  type TextBatch,
  type TextVerdict,
  WINDOW_TEXTS,
} from "./text-batch.ts";

export const HEX_CHARACTERS = 64;
export const BASE64URL_CHARACTERS = 43;

/**
 * Verifies texts that carry their own HMAC-SHA256 tag, in batches.
 *
 * @param keys tried in order; the first is tried on all, the next on what is left
 * @param batch one that gives inner keys has nested tags: each is over the message, a dot and the base64url tag of the
 *   message under its inner key (TiRTC's two signatures); then the form's gap is that dot
 * @throws ConnectTokensError `ERR_DISPOSED`, for no texts too
 */
export function verifyTexts(keys: readonly HmacKey[], batch: TextBatch, form: TagForm): void {
  requireLive(keys);
  const window = textWindow();
  for (let from = 0; from < batch.length; from += window.count) window.pass(keys, batch, form, from);
}

/**
 * {@link verifyTexts} of one text.
 *
 * @param inner the key of the inner tag, where tags are nested
 */
export function verifyText(keys: readonly HmacKey[], text: string, form: TagForm, inner?: HmacKey): TextVerdict {
  requireLive(keys);
  return textWindow().verifyOne(keys, text, form, inner);
}

/** HMAC-SHA256 of a text's UTF-8 bytes, written in `encoding` (hex or base64url). */
export function signText(key: HmacKey, text: string, encoding: number): string {
  const { arena, arenas, calls, jobs, scratch } = hmacKernel();
  const { slot } = key;
  const characters = encoding === ENCODING_BASE64URL ? BASE64URL_CHARACTERS : HEX_CHARACTERS;
  try {
    const length = utf8Encoder().encodeInto(text, arena).written;
    jobs[0] = HMAC_ARENA;
    jobs[1] = length;
    jobs[2] = HMAC_ARENA + length;
    jobs[3] = slot | (encoding << 16);
    calls.signJobs(1);
    const tag = asciiText(arena.subarray(length, length + characters));
    arena.fill(0, 0, length + characters);
    return tag;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

let window: TextWindow | undefined;

function textWindow(): TextWindow {
  window ??= new TextWindow(hmacKernel());
  return window;
}
