// SHA-256 (FIPS 180-4) and HMAC (RFC 2104) as their documents put it, a word at a time; even the constants are worked out
// from the primes. Slow: for holding the kernel to.

const WORD = 0xffffffffn;

function firstPrimes(count: number): bigint[] {
  const primes: bigint[] = [];
  for (let n = 2n; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  return primes;
}

/** The first 32 bits of the fractional part of n's root of that degree (§4.2.2, §5.3.3). */
function rootFraction(n: bigint, degree: bigint): bigint {
  const scaled = n << (32n * degree);
  let root = 0n;
  for (let bit = 1n << 40n; bit > 0n; bit >>= 1n) if ((root + bit) ** degree <= scaled) root += bit;
  return root & WORD;
}

const K = firstPrimes(64).map((prime) => rootFraction(prime, 3n));
const INITIAL = firstPrimes(8).map((prime) => rootFraction(prime, 2n));

const rotr = (x: bigint, n: bigint): bigint => ((x >> n) | (x << (32n - n))) & WORD;
const bigSigma0 = (x: bigint): bigint => rotr(x, 2n) ^ rotr(x, 13n) ^ rotr(x, 22n);
const bigSigma1 = (x: bigint): bigint => rotr(x, 6n) ^ rotr(x, 11n) ^ rotr(x, 25n);
const smallSigma0 = (x: bigint): bigint => rotr(x, 7n) ^ rotr(x, 18n) ^ (x >> 3n);
const smallSigma1 = (x: bigint): bigint => rotr(x, 17n) ^ rotr(x, 19n) ^ (x >> 10n);
const choose = (x: bigint, y: bigint, z: bigint): bigint => (x & y) ^ (~x & WORD & z);
const majority = (x: bigint, y: bigint, z: bigint): bigint => (x & y) ^ (x & z) ^ (y & z);

type State = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** §6.2.2. */
function compress(state: State, block: DataView): State {
  const w: bigint[] = [];
  const at = (t: number): bigint => w[t] as bigint;
  for (let t = 0; t < 64; t++) {
    if (t < 16) w.push(BigInt(block.getUint32(4 * t)));
    else w.push((smallSigma1(at(t - 2)) + at(t - 7) + smallSigma0(at(t - 15)) + at(t - 16)) & WORD);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let t = 0; t < 64; t++) {
    const t1 = h + bigSigma1(e) + choose(e, f, g) + (K[t] as bigint) + at(t);
    const t2 = bigSigma0(a) + majority(a, b, c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & WORD, c, b, a, (t1 + t2) & WORD];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + (state[i] as bigint)) & WORD) as State;
}

/** SHA-256, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  let state = INITIAL as State;
  for (let at = 0; at < padded.length; at += 64) state = compress(state, new DataView(padded.buffer, at, 64));
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => {
    digest.setUint32(4 * i, Number(word));
  });
  return new Uint8Array(digest.buffer);
}

/** HMAC-SHA256 (RFC 2104 §2), 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const inner = sha256(Uint8Array.from([...block.map((byte) => byte ^ 0x36), ...message]));
  return sha256(Uint8Array.from([...block.map((byte) => byte ^ 0x5c), ...inner]));
}
