import { HMAC_MAX_TEXTS } from "../../../assembly/memory/hmac.ts";
import type { HmacKey } from "./kernel.ts";

// What a scheme gives of its texts, and what it is told of them.

/**
 * How a text carries its own tag: `head` characters, the message, `gap` characters, the tag. Neither head nor gap is part
 * of the message; what they are is the scheme's to look at.
 */
export interface TagForm {
  readonly head: number;
  readonly gap: number;
  readonly characters: number;
  /** ENCODING_ in assembly/memory/hmac.ts. */
  readonly encoding: number;
}

/** Texts to be checked, as a scheme gives them, and what it makes of each. */
export interface TextBatch {
  readonly length: number;
  /**
   * Reads what the texts from `from` up to `to` are made of, if that has not been done. The only place in which a caller's
   * code (getters, proxies) may run; it may call back into this package.
   */
  read?(from: number, to: number): void;
  /** Text `index`: at most {@link MAX_TEXT_CHARACTERS}; one too short to hold a tag is malformed. */
  text(index: number): string;
  /** The key of text `index`'s inner tag, where tags are nested. */
  innerKey?(index: number): HmacKey;
  /** Where in text `index` ten digits stand, in characters from its beginning. */
  digitsAt?(index: number): number;
  /** What stands right before ten digits of each text, if anything does. */
  readonly digitsBehind?: DigitsBehind | undefined;
  /** Is told what was found of text `index`. */
  judge(index: number, text: CheckedText): void;
}

/** Ten digits found by the bytes before them. */
export interface DigitsBehind {
  /** UTF-8, at least one byte, whose first must stand nowhere before them. */
  readonly field: Uint8Array;
  /** How many bytes follow the digits: at least 6, since the kernel reads 16 at once. */
  readonly trailing: number;
}

/** What became of one text. */
export interface TextVerdict {
  /** STATUS_ in assembly/memory/hmac.ts. */
  readonly status: number;
  /** Which of the keys made a genuine text's tag. */
  readonly keyIndex: number;
  /** Whether it, and all texts checked with it, are printable ASCII (0x20 to 0x7e), so that each character is a byte. */
  readonly plain: boolean;
}

/** One text while it is judged; the object is used again for the next. */
export interface CheckedText extends TextVerdict {
  /** The text in UTF-8 stands here from `start` to `end`; to be read only, and zeros after the judging. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /**
   * Its ten digits, where the texts are plain; NO_NUMBER where they are no ten digits, or a value as large as that: then
   * the scheme looks more closely.
   */
  readonly number: number;
  /**
   * Decodes the base64url from `start` to `end` of the bytes where it stands. Returns where what it says ends; -1, with
   * zeros in its place, where it is not canonical.
   */
  decode(start: number, end: number): number;
}

/** Where a text holds no number. */
export const NO_NUMBER = 0xffff_ffff;

/** Texts that are checked together: as many as the kernel takes. */
export const WINDOW_TEXTS: number = HMAC_MAX_TEXTS;
/** After so many characters a window ends: few enough bytes to stay in the first cache (32 KiB). */
const WINDOW_CHARACTERS = 0x8000;
/**
 * The longest text: 65,536 characters of a message and 512 around it. Four of them behind the 0x7fff characters of a window
 * that has room, at 3 bytes a character, and then {@link DigitsBehind.field} fit the arena (0xda000 bytes).
 */
export const MAX_TEXT_CHARACTERS = 0x10200;

/**
 * Whether a window of `count` texts of so many characters takes one more. Many characters end it only after whole groups
 * of four, which the kernel hashes side by side.
 */
export function hasRoom(count: number, characters: number): boolean {
  return count < WINDOW_TEXTS && (characters < WINDOW_CHARACTERS || (count & 3) !== 0);
}
