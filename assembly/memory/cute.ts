// The memory map of cute.wasm: which arena lies where, how large it is, who writes it, and the codes that cross the border.
// Plain literals, read by the kernel and by src/wasm alike; every other address is derived from them. 40 pages, 2.5 MiB, which
// never grow (initial = maximum), so views on them never detach. Below CUTE_SCRATCH: asc's static data.

/** Kernel only, all of it zero between calls. Each room has a part of its own. */
export const CUTE_SCRATCH = 0x1000;
export const CUTE_SCRATCH_BYTES = 0x7000;
export const CUTE_SCRATCH_GIMLI = 0x1000;
export const CUTE_SCRATCH_CURVE25519 = 0x4000;
export const CUTE_SCRATCH_XCHACHA = 0x6000;
export const CUTE_SCRATCH_HYDROGEN = 0x7000;
export const CUTE_KEY_SLOTS = 1024;
/** Kernel only: prepared keys; what a slot holds is the suite's business. */
export const CUTE_SLOTS = 0x8000;
export const CUTE_SLOT_BYTES = 256;
/** What a suite's key takes of its slot; the rest is zeros. */
export const CUTE_SLOT_HYDROGEN_BYTES = 192;
export const CUTE_SLOT_XCHACHA_BYTES = 32;
/** Kernel only: the multiples of curve25519's base point, its constants, and what they are made of; made once. */
export const CUTE_TABLE = 0x48000;
export const CUTE_TABLE_BYTES = 0x282a0;
/** Written by src/wasm: u32 slot numbers to try, in order. */
export const CUTE_SLOT_LIST = 0xc8000;
/** Written by src/wasm: what every packet of a call is held to, laid out by the CHECKS_ offsets. */
export const CUTE_CHECKS = 0xc9000;
export const CUTE_CHECKS_BYTES = 40;
/** Written by src/wasm: one issue request, laid out by the REQUEST_ offsets. Wiped by the kernel. */
export const CUTE_REQUEST = 0xc9100;
export const CUTE_REQUEST_BYTES = 0x500;
/** Written by src/wasm: a server's own endpoints as they stand in a packet, end to end. */
export const CUTE_OWN_ENDPOINTS = 0xc9600;
export const CUTE_OWN_ENDPOINTS_BYTES = 0xa00;
/** Written by the kernel: the 1114 bytes issued. */
export const CUTE_TOKEN = 0xca000;
/** Written by src/wasm: the key or seed of one call. Wiped by the kernel. */
export const CUTE_KEY_INPUT = 0xcb000;
/** Written by the kernel: one status byte per packet. */
export const CUTE_STATUS = 0xcd000;
/** Written by the kernel: u32 per packet, the place in the list of the slot that opened it. Means nothing for a refused one. */
export const CUTE_OPENED_BY = 0xcd800;
/** Written by src/wasm: packets end to end. */
export const CUTE_PACKETS = 0x100000;
/** Packets of a window: CUTE_KEPT has room for the records of as many, whatever endpoints they have. */
export const CUTE_MAX_PACKETS = 128;
export const CUTE_PACKETS_BYTES = 0x20000;
/** Written by both: jobs of session packets, laid out by cute/session-layout.ts; wiped by src/wasm. */
export const CUTE_SESSION = 0x120000;
export const CUTE_SESSION_BYTES = 0x2a000;
/** Written by the kernel: per packet the secret section's 328 bytes, zeros unless it is valid. */
export const CUTE_SECRETS = 0x200000;
export const CUTE_SECRET_STRIDE = 336;
/** Written by the kernel: records of the valid packets of a window, end to end; wiped by src/wasm. */
export const CUTE_KEPT = 0x260000;
export const CUTE_KEPT_BYTES = 0x20000;
/** Written by the kernel: u32 per packet, where its record starts in CUTE_KEPT. */
export const CUTE_KEPT_STARTS = 0xce000;

// One record, offsets from its start: the secret section's 328 bytes, then 40 that name the packet (hydrogen uses 36), the
// place in the list of the slot that opened it (u32), then the public section up to the last endpoint's end.
export const OFFSET_KEPT_TOKEN_ID = 328;
export const OFFSET_KEPT_SECRET_INDEX = 368;
export const OFFSET_KEPT_PUBLIC = 376;

// What every packet is held to, offsets from CUTE_CHECKS.
export const OFFSET_CHECKS_APPLICATION_ID = 0;
/** Unix seconds, u64. */
export const OFFSET_CHECKS_NOW = 8;
/** u64: how many seconds after its end a packet is still taken. */
export const OFFSET_CHECKS_LEEWAY = 16;
/** u64: the latest end that is taken. */
export const OFFSET_CHECKS_LATEST = 24;
/** u32: bytes at CUTE_OWN_ENDPOINTS; 0 where a packet's endpoints are not asked about. */
export const OFFSET_CHECKS_OWN_LENGTH = 32;

// One issue request, offsets from CUTE_REQUEST.
export const OFFSET_REQUEST_APPLICATION_ID = 0;
export const OFFSET_REQUEST_CREATION_TIMESTAMP = 8;
export const OFFSET_REQUEST_EXPIRATION_TIMESTAMP = 16;
export const OFFSET_REQUEST_HANDSHAKE_TIMEOUT = 24;
export const OFFSET_REQUEST_ENDPOINT_COUNT = 28;
/** Client id, both keys, user data: the secret section's 328 bytes in its own order. */
export const OFFSET_REQUEST_SECRET = 32;
/** The suite's random bytes: 52 or 24. */
export const OFFSET_REQUEST_ENTROPY = 360;
export const OFFSET_REQUEST_ENDPOINTS_LENGTH = 412;
/** The encoded endpoints, at most 32 × 19 bytes. */
export const OFFSET_REQUEST_ENDPOINTS = 416;

// Suites, as the kernel numbers them.
export const SUITE_HYDROGEN = 0;
export const SUITE_XCHACHA20POLY1305 = 1;

// What becomes of a packet, in the order of the checks.
export const STATUS_VALID = 0;
export const STATUS_NOT_A_CONNECT_TOKEN = 1;
export const STATUS_WRONG_APPLICATION = 2;
export const STATUS_EXPIRED = 3;
export const STATUS_LIFETIME_TOO_LONG = 4;
export const STATUS_BAD_ENDPOINTS = 5;
export const STATUS_NOT_THIS_SERVER = 6;
export const STATUS_NOT_GENUINE = 7;
