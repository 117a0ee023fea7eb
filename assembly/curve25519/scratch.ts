// Where curve25519 keeps what it works on: CUTE_SCRATCH + 0x3000 up, all zero between calls; and what it keeps for good
// in CUTE_TABLE. A quad is 160 bytes (quad.ts). Bytes are integers of 32 bytes, little-endian.

// Bytes.
/** 64 bytes. */
export const PREHASH: usize = 0x4000;
export const CHALLENGE: usize = 0x4040;
/** r while signing, r' while verifying. */
export const NONCE: usize = 0x4060;
/** An element or scalar on its way from one form to another. */
export const ELEMENT: usize = 0x4080;

// scalar.ts: limbs of 28 bits, each in an i64.
/** 20 of them: a product. */
export const WIDE: usize = 0x40c0;
/** 10 of them each. */
export const FACTOR: usize = 0x4160;
export const FACTOR_2: usize = 0x41b0;

/** comb.ts: 52 digits, each an i32. */
export const DIGITS: usize = 0x4200;

// invert.ts: four numbers of nine i64.
export const INVERT_F: usize = 0x4300;
export const INVERT_G: usize = 0x4348;
export const INVERT_D: usize = 0x4390;
export const INVERT_E: usize = 0x43d8;

// Quads. Point: X, Y, Z, T. Cached point: (Y - X) / 2, (Y + X) / 2, d · T, Z.
export const POINT: usize = 0x4420;
export const CACHED: usize = 0x46a0;
export const POINT_2: usize = 0x4920;
// Results on the way, named as in the formulas.
export const QUAD_A: usize = 0x4ba0;
export const QUAD_B: usize = 0x4c40;
export const QUAD_C: usize = 0x4ce0;
export const QUAD_D: usize = 0x4d80;
export const QUAD_E: usize = 0x4e20;
export const QUAD_F: usize = 0x4ec0;
export const QUAD_G: usize = 0x4f60;
export const QUAD_H: usize = 0x5000;
/** comb.ts leaves its result here. */
export const QUAD_Y: usize = 0x50a0;
// A projective u-coordinate.
export const QUAD_X: usize = 0x5140;
export const QUAD_Z: usize = 0x51e0;

// multiply.ts: 19 vectors each. Of the whole product's columns those in the middle are 10 to 28.
export const COLUMNS_LOW: usize = 0x5280;
export const COLUMNS_HIGH: usize = 0x53b0;
export const COLUMNS_MIDDLE: usize = 0x54e0;

/** All of the above. */
export const SCRATCH: usize = 0x4000;
export const SCRATCH_BYTES: usize = 0x1610;

/** 13 groups of four windows: per group three coordinates of 16 entries, each a quad. */
export const TABLE: usize = 0x48000;
export const TABLE_GROUPS: usize = 13;
export const TABLE_ENTRIES: usize = 16;
/** Bytes of one coordinate of a group. */
export const TABLE_COORDINATE: usize = 2560;
/** Bytes of a group. */
export const TABLE_GROUP: usize = 7680;
// Constants, the same in all four lanes.
export const CONSTANT_D: usize = 0x61000;
export const CONSTANT_HALF: usize = 0x610a0;
/** 2d in lanes 0 and 1, 2 in lanes 2 and 3. */
export const CONSTANT_2D_2: usize = 0x61140;
/** Only while the table is made: 208 quads. */
export const TABLE_PRODUCTS: usize = 0x68000;
