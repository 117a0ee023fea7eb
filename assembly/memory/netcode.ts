// The memory map of netcode.wasm: which arena lies where, how large it is, who writes it. Plain literals, read by the
// kernel and by src/wasm alike; every other address is derived from them. 16 pages, 1 MiB, which never grow (initial =
// maximum), so views on them never detach. Below NETCODE_AEAD_STATE: asc's static data.

/** Kernel only, between the calls of one AEAD operation; laid out in chacha20poly1305/aead.ts. */
export const NETCODE_AEAD_STATE = 0x1000;
export const NETCODE_AEAD_STATE_BYTES = 0x300;
/** Written by src/wasm: key and nonce of one AEAD operation. Wiped by the kernel. */
export const NETCODE_KEY_INPUT = 0x2000;
export const NETCODE_KEY_INPUT_BYTES = 128;
/** Written by both: a piece of text or of associated data, or a tag. Wiped by src/wasm. */
export const NETCODE_TEXT = 0xc0000;
export const NETCODE_TEXT_BYTES = 0x40000;
