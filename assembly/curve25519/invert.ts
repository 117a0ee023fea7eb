// Inversion mod p = 2^255 - 19 by Bernstein and Yang's divsteps ("Fast constant-time gcd computation and modular
// inversion", 2019) in the variant that starts from delta = 1/2, for which 590 steps are enough below 2^256. Steps are
// taken 30 at a time on the low bits alone, as a matrix that is then applied to the whole numbers.
// Readable twin: test/reference/curve25519.ts.

import { INVERT_D, INVERT_E, INVERT_F, INVERT_G } from "./scratch.ts";

/** Limbs of 30 bits, each in an i64; the topmost carries the sign. */
const LIMBS: usize = 9;
const MASK: i64 = 0x3fffffff;
/** 1 / p mod 2^30. */
const P_INVERSE: i64 = 0x179435e5;
/** p in limbs: -19, seven zeros, 2^15. */
const P_LOW: i64 = -19;
const P_HIGH: i64 = 0x8000;

function readLimbs(limbs: usize, bytes: usize): void {
  for (let i: usize = 0; i < LIMBS; i++) {
    const bit = i * 30;
    // 37 bits from the byte where the limb starts; the last limb has only the two uppermost bytes.
    const word = i < 7 ? load<u64>(bytes + (bit >>> 3)) : load<u64>(bytes + 24) >>> (i === 7 ? 16 : 48);
    store<i64>(limbs + 8 * i, <i64>(word >>> (i < 7 ? <u64>bit & 7 : i === 7 ? 2 : 0)) & MASK);
  }
}

/** (f, g) = matrix · (f, g) / 2^30, exactly. */
function updateNumbers(u: i64, v: i64, q: i64, r: i64): void {
  let f = load<i64>(INVERT_F);
  let g = load<i64>(INVERT_G);
  let carryF = (u * f + v * g) >> 30;
  let carryG = (q * f + r * g) >> 30;
  for (let i: usize = 8; i < 8 * LIMBS; i += 8) {
    f = load<i64>(INVERT_F + i);
    g = load<i64>(INVERT_G + i);
    carryF += u * f + v * g;
    carryG += q * f + r * g;
    store<i64>(INVERT_F + i - 8, carryF & MASK);
    store<i64>(INVERT_G + i - 8, carryG & MASK);
    carryF >>= 30;
    carryG >>= 30;
  }
  store<i64>(INVERT_F + 8 * LIMBS - 8, carryF);
  store<i64>(INVERT_G + 8 * LIMBS - 8, carryG);
}

/** (d, e) = matrix · (d, e) / 2^30 mod p, both kept between -2p and p. */
function updateCofactors(u: i64, v: i64, q: i64, r: i64): void {
  let d = load<i64>(INVERT_D);
  let e = load<i64>(INVERT_E);
  // Negative numbers take one p more, and then as many as clear the low 30 bits.
  const signD = load<i64>(INVERT_D, 64) >> 63;
  const signE = load<i64>(INVERT_E, 64) >> 63;
  let multipleD = (u & signD) + (v & signE);
  let multipleE = (q & signD) + (r & signE);
  let carryD = u * d + v * e;
  let carryE = q * d + r * e;
  multipleD -= (P_INVERSE * (carryD & MASK) + multipleD) & MASK;
  multipleE -= (P_INVERSE * (carryE & MASK) + multipleE) & MASK;
  carryD = (carryD + P_LOW * multipleD) >> 30;
  carryE = (carryE + P_LOW * multipleE) >> 30;
  for (let i: usize = 8; i < 8 * LIMBS - 8; i += 8) {
    d = load<i64>(INVERT_D + i);
    e = load<i64>(INVERT_E + i);
    carryD += u * d + v * e;
    carryE += q * d + r * e;
    store<i64>(INVERT_D + i - 8, carryD & MASK);
    store<i64>(INVERT_E + i - 8, carryE & MASK);
    carryD >>= 30;
    carryE >>= 30;
  }
  d = load<i64>(INVERT_D, 64);
  e = load<i64>(INVERT_E, 64);
  carryD += u * d + v * e + P_HIGH * multipleD;
  carryE += q * d + r * e + P_HIGH * multipleE;
  store<i64>(INVERT_D, carryD & MASK, 56);
  store<i64>(INVERT_E, carryE & MASK, 56);
  store<i64>(INVERT_D, carryD >> 30, 64);
  store<i64>(INVERT_E, carryE >> 30, 64);
}

/** d = d or -d, as mask is 0 or -1, plus p where `also` is -1. Carries are done. */
function adjust(mask: i64, also: i64): void {
  let carry = P_LOW & also;
  for (let i: usize = 0; i < 8 * LIMBS - 8; i += 8) {
    carry += (load<i64>(INVERT_D + i) ^ mask) - mask;
    store<i64>(INVERT_D + i, carry & MASK);
    carry >>= 30;
  }
  store<i64>(INVERT_D, carry + (load<i64>(INVERT_D, 64) ^ mask) - mask + (P_HIGH & also), 64);
}

/** -1 where the number is negative, else 0. */
function sign(limbs: usize): i64 {
  return load<i64>(limbs, 64) >> 63;
}

/** 30 divsteps at a time. */
function steps(zeta: i64): i64 {
  let f = load<i64>(INVERT_F);
  let g = load<i64>(INVERT_G);
  // Both numbers of a matrix row in one: u + 2^32 · v. All that is done to them is linear.
  let uv: i64 = 1;
  let qr: i64 = (<i64>1) << 32;
  for (let i = 0; i < 30; i++) {
    const odd = -(g & 1);
    let swap = zeta >> 63;
    g += ((f ^ swap) - swap) & odd;
    qr += ((uv ^ swap) - swap) & odd;
    swap &= odd;
    zeta = (zeta ^ swap) - 1;
    f += g & swap;
    uv += qr & swap;
    g >>= 1;
    uv <<= 1;
  }
  const u = <i64>(<i32>uv);
  const v = (uv - u) >> 32;
  const q = <i64>(<i32>qr);
  const r = (qr - q) >> 32;
  updateNumbers(u, v, q, r);
  updateCofactors(u, v, q, r);
  return zeta;
}

/** out = 1 / element mod p, 0 for 0. Both 32 bytes, the element below p; they may be the same. Constant time. */
export function invert(out: usize, element: usize): void {
  for (let i: usize = 0; i < LIMBS; i++) {
    store<i64>(INVERT_F + 8 * i, i === 0 ? P_LOW : i === 8 ? P_HIGH : 0);
    store<i64>(INVERT_D + 8 * i, 0);
    store<i64>(INVERT_E + 8 * i, i === 0 ? 1 : 0);
  }
  readLimbs(INVERT_G, element);
  let zeta: i64 = -1;
  for (let i = 0; i < 20; i++) zeta = steps(zeta);
  // f is 1 or -1 (p where the element is 0, and then d is 0); d · f is the inverse, d between -2p and p.
  adjust(0, sign(INVERT_D));
  adjust(sign(INVERT_F), 0);
  adjust(0, sign(INVERT_D));
  for (let i: usize = 0; i < 32; i += 4) {
    // 32 bits from bit 8i on: of this limb and the next.
    const bit = i * 8;
    const limb = INVERT_D + 8 * (bit / 30);
    const shift = <i64>(bit % 30);
    const next = load<i64>(limb, 8);
    store<u32>(out + i, <u32>((load<i64>(limb) >> shift) | (next << (30 - shift))));
  }
}
