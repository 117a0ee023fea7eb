// The memory map of hmac.wasm: which arena lies where, how large it is, who writes it, and the codes that cross the border.
// Plain literals, read by the kernel and by src/wasm alike; every other address is derived from them. 16 pages, 1 MiB, which
// never grow (initial = maximum), so views on them never detach. Below HMAC_SCRATCH: asc's static data.

/** Kernel only: padded last blocks, expected tags, message schedule. Zero between calls. */
export const HMAC_SCRATCH = 0x1000;
export const HMAC_SCRATCH_BYTES = 0x3000;
export const HMAC_KEY_SLOTS = 1024;
/** Kernel only: per slot the inner midstate (32 bytes), then the outer one (32 bytes). */
export const HMAC_SLOTS = 0x4000;
export const HMAC_SLOT_BYTES = 64;
/** Kernel, and src/wasm between calls: state words 32, buffered block 64, message length u64. Zero between calls. */
export const HMAC_STREAM = 0x14000;
export const HMAC_STREAM_BYTES = 104;
/** Written by src/wasm: where each text of a window begins in the arena, and the last one ends; u32. */
export const HMAC_STARTS = 0x14400;
/** Texts of a window, and so jobs of a call. */
export const HMAC_MAX_TEXTS = 256;
/** Written by the kernel: a number read from each of these texts; u32. */
export const HMAC_NUMBERS = 0x14900;
/** Written by src/wasm: message pointer u32, message length u32, tag pointer u32, slot | encoding << 16. */
export const HMAC_JOBS = 0x15000;
export const HMAC_JOB_BYTES = 16;
/** Written by the kernel: one status byte per job; by src/wasm: one per text. HMAC_MAX_TEXTS of them. */
export const HMAC_STATUS = 0x25000;
/** Written by both: messages and tags. */
export const HMAC_ARENA = 0x26000;
export const HMAC_ARENA_BYTES = 0xda000;

// How a job's tag is written.
/** 64 lower-case hex digits. */
export const ENCODING_HEX = 0;
/** 64 hex digits of either case. */
export const ENCODING_HEX_ANY_CASE = 1;
/** 43 base64url characters, canonical, without padding. */
export const ENCODING_BASE64URL = 2;
/** 32 bytes as they are: in tests only. */
export const ENCODING_RAW = 3;

// What becomes of a verify job.
export const STATUS_GENUINE = 0;
/** Well-formed, but not the tag of this message under this key. */
export const STATUS_MISMATCH = 1;
/** Not a tag in the job's encoding. */
export const STATUS_MALFORMED = 2;
