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
 * The value of the canonical decimal digits (no sign, no leading zero) that stand from `start` to `end` of a text, from 0
 * to 2^53 - 1; -1 for anything else.
 */
export function decimal(text: string, start = 0, end: number = text.length): number {
  const length = end - start;
  if (length <= 0 || length > 16 || (length > 1 && text.charCodeAt(start) === 0x30)) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

/**
 * {@link decimal} of ten digits of ASCII in `bytes` from `start` on, the form of every Unix time from 2001 to 2286: in two
 * halves, which fit small integers. -1 where one of them is no digit or the first is zero.
 */
export function tenDigits(bytes: Uint8Array, start: number): number {
  let high = 0;
  let low = 0;
  let wrong = 0;
  for (let i = start; i < start + 5; i++) {
    const digit = (bytes[i] as number) - 0x30;
    const other = (bytes[i + 5] as number) - 0x30;
    wrong |= digit | (9 - digit) | other | (9 - other);
    high = (high * 10 + digit) | 0;
    low = (low * 10 + other) | 0;
  }
  return wrong < 0 || high < 10_000 ? -1 : high * 100_000 + low;
}

/** An array for `length` items to be put into, from the first on. Room is made for no more than a million beforehand. */
export function roomFor<T>(length: number): T[] {
  return new Array<T>(Math.min(length, 0x100000));
}
