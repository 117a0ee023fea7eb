// The memory map of netcode.wasm: which arena lies where, how large it is, who writes it. Plain literals, read by the
// kernel and by src/wasm alike; every other address is derived from them. 16 pages, 1 MiB, which never grow (initial =
// maximum), so views on them never detach. Below NETCODE_AEAD_STATE: asc's static data.

/** Kernel only, between the calls of one AEAD operation; laid out in chacha20poly1305/aead.ts. */
export const NETCODE_AEAD_STATE = 0x1000;
export const NETCODE_AEAD_STATE_BYTES = 0x300;
/** Written by src/wasm: key and nonce of one AEAD operation. Wiped by the kernel. */
export const NETCODE_KEY_INPUT = 0x2000;
export const NETCODE_KEY_INPUT_BYTES = 128;
/** Kernel only: cipher states, key stream, authenticator of a verification or an issue. Zero between calls. */
export const NETCODE_SCRATCH = 0x3000;
export const NETCODE_SCRATCH_BYTES = 0x800;
/** Written by src/wasm: a server's own addresses as they stand in a token, end to end. */
export const NETCODE_OWN_ADDRESSES = 0x4000;
export const NETCODE_OWN_ADDRESSES_BYTES = 0x800;
/** Written by src/wasm: what every request of a call is held to, laid out by the CHECKS_ offsets. */
export const NETCODE_CHECKS = 0x4800;
export const NETCODE_CHECKS_BYTES = 40;
/** Written by src/wasm: the token to be issued, its private part in clear; sealed by the kernel, wiped by src/wasm. */
export const NETCODE_TOKEN = 0x5000;
export const NETCODE_TOKEN_BYTES = 2064;
/** Written by the kernel: one status byte per request. */
export const NETCODE_STATUS = 0x6000;
/** Written by the kernel: u32 per request, where its record starts in NETCODE_KEPT. */
export const NETCODE_KEPT_STARTS = 0x6400;
/** Written by src/wasm: u32 slot numbers to try, in order. */
export const NETCODE_SLOT_LIST = 0x7000;
export const NETCODE_KEY_SLOTS = 1024;
/** Kernel only: a secret per slot. */
export const NETCODE_SLOTS = 0x8000;
export const NETCODE_SLOT_BYTES = 32;
/** Written by src/wasm: connection requests end to end. */
export const NETCODE_REQUESTS = 0x20000;
/** Requests of one call: few enough to stay in the cache. */
export const NETCODE_MAX_REQUESTS = 128;
export const NETCODE_REQUESTS_BYTES = 0x21b00;
/** Written by the kernel: records of the requests that were opened, end to end; wiped by src/wasm. */
export const NETCODE_KEPT = 0x50000;
export const NETCODE_KEPT_BYTES = 0x21000;
/** Written by both: a piece of text or of associated data, or a tag. Wiped by src/wasm. */
export const NETCODE_TEXT = 0xc0000;
export const NETCODE_TEXT_BYTES = 0x40000;

// One record, offsets from its start: nonce and tag, which name the token, its expire timestamp as the request has it, the
// slot's place in the list of those tried (u32), and the private part's text up to the user data's end.
export const OFFSET_KEPT_TOKEN_ID = 0;
export const OFFSET_KEPT_EXPIRE_TIMESTAMP = 40;
export const OFFSET_KEPT_SECRET_INDEX = 48;
export const OFFSET_KEPT_PRIVATE = 56;

// What every request is held to, offsets from NETCODE_CHECKS.
export const OFFSET_CHECKS_PROTOCOL_ID = 0;
/** Unix seconds, u64. */
export const OFFSET_CHECKS_NOW = 8;
/** u64: how many seconds after its end a token is still taken. */
export const OFFSET_CHECKS_LEEWAY = 16;
/** u64: the latest end that is taken. */
export const OFFSET_CHECKS_LATEST = 24;
/** u32: bytes at NETCODE_OWN_ADDRESSES; 0 where a token's addresses are not asked about. */
export const OFFSET_CHECKS_OWN_LENGTH = 32;
/** u32: 0 where a token's integers are little-endian, otherwise they are big-endian. */
export const OFFSET_CHECKS_BIG_ENDIAN = 36;

// What becomes of a connection request, in the order of the checks.
export const STATUS_VALID = 0;
export const STATUS_NOT_A_CONNECTION_REQUEST = 1;
export const STATUS_WRONG_PROTOCOL = 2;
export const STATUS_EXPIRED = 3;
export const STATUS_LIFETIME_TOO_LONG = 4;
export const STATUS_NOT_GENUINE = 5;
export const STATUS_BAD_ADDRESSES = 6;
export const STATUS_NOT_THIS_SERVER = 7;
