// Where curve25519 keeps what it works on: CUTE_SCRATCH_CURVE25519, all zero between calls; and what it keeps for good
// in CUTE_TABLE. A quad is 160 bytes (quad.ts). Bytes are integers of 32 bytes, little-endian.

import { CUTE_SCRATCH_CURVE25519, CUTE_TABLE } from "../memory/cute.ts";

// Bytes.
/** 64 bytes. */
export const PREHASH: usize = CUTE_SCRATCH_CURVE25519;
export const CHALLENGE: usize = CUTE_SCRATCH_CURVE25519 + 0x40;
/** r while signing, r' while verifying. */
export const NONCE: usize = CUTE_SCRATCH_CURVE25519 + 0x60;
/** An element or scalar on its way from one form to another. */
export const ELEMENT: usize = CUTE_SCRATCH_CURVE25519 + 0x80;

// scalar.ts: limbs of 28 bits, each in an i64.
/** 20 of them: a product. */
export const WIDE: usize = CUTE_SCRATCH_CURVE25519 + 0xc0;
/** 10 of them each. */
export const FACTOR: usize = CUTE_SCRATCH_CURVE25519 + 0x160;
export const FACTOR_2: usize = CUTE_SCRATCH_CURVE25519 + 0x1b0;

/** comb.ts: 52 digits, each an i32. */
export const DIGITS: usize = CUTE_SCRATCH_CURVE25519 + 0x200;

// invert.ts: four numbers of nine i64.
export const INVERT_F: usize = CUTE_SCRATCH_CURVE25519 + 0x300;
export const INVERT_G: usize = CUTE_SCRATCH_CURVE25519 + 0x348;
export const INVERT_D: usize = CUTE_SCRATCH_CURVE25519 + 0x390;
export const INVERT_E: usize = CUTE_SCRATCH_CURVE25519 + 0x3d8;

// Quads. Point: X, Y, Z, T. Cached point: (Y - X) / 2, (Y + X) / 2, d · T, Z.
export const POINT: usize = CUTE_SCRATCH_CURVE25519 + 0x420;
export const CACHED: usize = CUTE_SCRATCH_CURVE25519 + 0x6a0;
export const POINT_2: usize = CUTE_SCRATCH_CURVE25519 + 0x920;
// Results on the way, named as in the formulas.
export const QUAD_A: usize = CUTE_SCRATCH_CURVE25519 + 0xba0;
export const QUAD_B: usize = CUTE_SCRATCH_CURVE25519 + 0xc40;
export const QUAD_C: usize = CUTE_SCRATCH_CURVE25519 + 0xce0;
export const QUAD_D: usize = CUTE_SCRATCH_CURVE25519 + 0xd80;
export const QUAD_E: usize = CUTE_SCRATCH_CURVE25519 + 0xe20;
export const QUAD_F: usize = CUTE_SCRATCH_CURVE25519 + 0xec0;
export const QUAD_G: usize = CUTE_SCRATCH_CURVE25519 + 0xf60;
export const QUAD_H: usize = CUTE_SCRATCH_CURVE25519 + 0x1000;
/** comb.ts leaves its result here. */
export const QUAD_Y: usize = CUTE_SCRATCH_CURVE25519 + 0x10a0;
// A projective u-coordinate.
export const QUAD_X: usize = CUTE_SCRATCH_CURVE25519 + 0x1140;
export const QUAD_Z: usize = CUTE_SCRATCH_CURVE25519 + 0x11e0;

// multiply.ts: 19 vectors each. Of the whole product's columns those in the middle are 10 to 28.
export const COLUMNS_LOW: usize = CUTE_SCRATCH_CURVE25519 + 0x1280;
export const COLUMNS_HIGH: usize = CUTE_SCRATCH_CURVE25519 + 0x13b0;
export const COLUMNS_MIDDLE: usize = CUTE_SCRATCH_CURVE25519 + 0x14e0;

/** All of the above. */
export const SCRATCH: usize = CUTE_SCRATCH_CURVE25519;
export const SCRATCH_BYTES: usize = 0x1610;

/** 13 groups of four windows: per group three coordinates of 16 entries, each a quad. */
export const TABLE: usize = CUTE_TABLE;
export const TABLE_GROUPS: usize = 13;
export const TABLE_ENTRIES: usize = 16;
/** Bytes of one coordinate of a group. */
export const TABLE_COORDINATE: usize = 2560;
/** Bytes of a group. */
export const TABLE_GROUP: usize = 7680;
// Constants, the same in all four lanes.
export const CONSTANT_D: usize = CUTE_TABLE + 0x19000;
export const CONSTANT_HALF: usize = CUTE_TABLE + 0x190a0;
/** 2d in lanes 0 and 1, 2 in lanes 2 and 3. */
export const CONSTANT_2D_2: usize = CUTE_TABLE + 0x19140;
/** Only while the table is made: 208 quads. */
export const TABLE_PRODUCTS: usize = CUTE_TABLE + 0x20000;
