// Decimal digits, read without a number on the way that could be rounded: text of claims, bytes of payloads.

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

/**
 * {@link tenDigits} of a text that is just that long, zeros in front allowed: seconds as Centrifugo's strict rules take
 * them.
 */
export function tenDigitText(text: string): number {
  if (text.length !== TEN) return -1;
  let high = 0;
  let low = 0;
  let wrong = 0;
  for (let i = 0; i < 5; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    const other = text.charCodeAt(i + 5) - 0x30;
    wrong |= digit | (9 - digit) | other | (9 - other);
    high = (high * 10 + digit) | 0;
    low = (low * 10 + other) | 0;
  }
  return wrong < 0 ? -1 : high * 100_000 + low;
}

/** The value of the digits from `start` to `end` of `bytes`, as {@link decimal} reads them; -1 where it would not. */
export function decimalBytes(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 16 || (end - start > 1 && bytes[start] === 0x30)) return -1;
  let value = 0;
  // The digit first: a sum beyond 2^53 would be rounded before the 0x30 is taken off.
  for (let at = start; at < end; at++) value = value * 10 + ((bytes[at] as number) - 0x30);
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

/** Decimal digits with or without a sign and zeros in front, in the range of an int64; `undefined` for anything else. */
export function int64(text: string): bigint | undefined {
  const signed = text.startsWith("-") || text.startsWith("+");
  let at = signed ? 1 : 0;
  if (at === text.length) return undefined;
  while (text.charCodeAt(at) === 0x30) at++;
  if (text.length - at > 19) return undefined;
  for (let i = at; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x30 || unit > 0x39) return undefined;
  }
  const magnitude = BigInt(text.slice(at)); // 0 where only zeros stood
  if (text.startsWith("-")) return magnitude <= MAX_INT64 + 1n ? -magnitude : undefined;
  return magnitude <= MAX_INT64 ? magnitude : undefined;
}

const TEN = 10;
const MAX_INT64 = 2n ** 63n - 1n;
