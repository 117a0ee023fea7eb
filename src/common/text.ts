import { ConnectTokensError } from "../errors.ts";

/** UTF-8 length of well-formed text, in bytes; -1 where it holds a lone surrogate. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3;
    else {
      const next = text.charCodeAt(i + 1);
      if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return -1;
      bytes += 4;
      i++;
    }
  }
  return bytes;
}

/** Whether text holds a control character: U+0000 to U+001F, U+007F to U+009F. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return true;
  }
  return false;
}

/**
 * One of the engine's own, made when it is first used: an import touches no global, and none need be there.
 *
 * @returns a function that makes it the first time; ConnectTokensError `ERR_NO_TEXT_ENCODER` where the engine has none
 */
export function textCodec<Codec>(name: "TextEncoder" | "TextDecoder", make: () => Codec): () => Codec {
  let codec: Codec | undefined;
  return () => {
    if (codec === undefined) {
      if (typeof Reflect.get(globalThis, name) !== "function") {
        throw new ConnectTokensError(
          "ERR_NO_TEXT_ENCODER",
          name,
          `connect-tokens needs ${name}, which this environment does not have: a test environment such as jsdom may hide the engine's own, so set globalThis.${name} from node:util`,
        );
      }
      codec = make();
    }
    return codec;
  };
}

/** UTF-8 of text. */
export const utf8Encoder: () => TextEncoder = textCodec("TextEncoder", () => new TextEncoder());

/** The text of bytes of ASCII. The engine's decoder takes a quarter of the time, but need not be there. */
export function asciiText(bytes: Uint8Array): string {
  if (latin1 === undefined) {
    const Decoder: unknown = Reflect.get(globalThis, "TextDecoder");
    latin1 = typeof Decoder === "function" ? new TextDecoder("latin1") : null;
  }
  if (latin1) return latin1.decode(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS_AT_ONCE));
  }
  return text;
}

let latin1: TextDecoder | null | undefined;
/** As many arguments as every engine takes. */
const CHARACTERS_AT_ONCE = 4096;

/** The bytes of a text of ASCII, a constant of ours, which asks no engine for an encoder. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
