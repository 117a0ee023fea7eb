// The Cute connect token, byte by byte: sizes and offsets, in bytes. Read by the kernel and by TypeScript alike, so every
// constant is a plain literal (asc would read the type of a derived one as f64).
// Source: `cn_generate_connect_token` of cute_net.h (suite hydrogen) and Cute Framework before 2021-07 (xchacha20poly1305).

/** What the web service hands the client: REST SECTION, then the packet. */
export const CONNECT_TOKEN_BYTES = 1114;
/** What the client sends to a game server, unchanged. */
export const PACKET_BYTES = 1024;
export const REST_BYTES = 90;

export const VERSION_BYTES = 10;
export const KEY_BYTES = 32;
/** The length of a token's user data. */
export const USER_DATA_BYTES = 256;
/** How many endpoints a token names at most. */
export const MAX_ENDPOINTS = 32;

// REST SECTION, offsets from the token's first byte.
export const OFFSET_REST_VERSION = 0;
export const OFFSET_REST_APPLICATION_ID = 10;
export const OFFSET_REST_CREATION_TIMESTAMP = 18;
export const OFFSET_REST_CLIENT_TO_SERVER_KEY = 26;
export const OFFSET_REST_SERVER_TO_CLIENT_KEY = 58;

// Public section, offsets from the packet's first byte. Both suites.
export const OFFSET_TYPE = 0;
export const OFFSET_VERSION = 1;
export const OFFSET_APPLICATION_ID = 11;
export const OFFSET_EXPIRATION_TIMESTAMP = 19;
export const OFFSET_HANDSHAKE_TIMEOUT = 27;
export const OFFSET_ENDPOINT_COUNT = 31;
export const OFFSET_ENDPOINTS = 35;

// Suite hydrogen: public 568, SIV 20, MAC 16, ciphertext 356, signature R 32 and s 32.
export const HYDROGEN_PUBLIC_BYTES = 568;
export const OFFSET_HYDROGEN_SIV = 568;
export const HYDROGEN_SIV_BYTES = 20;
export const OFFSET_HYDROGEN_MAC = 588;
export const HYDROGEN_MAC_BYTES = 16;
export const OFFSET_HYDROGEN_CIPHERTEXT = 604;
export const HYDROGEN_CIPHERTEXT_BYTES = 356;
/** Zero bytes that native code leaves before the client id inside the ciphertext. */
export const HYDROGEN_LEADING_ZEROS = 28;
export const OFFSET_HYDROGEN_SIGNATURE = 960;
export const HYDROGEN_SIGNATURE_BYTES = 64;
export const HYDROGEN_SECRET_BYTES = 64;
/** Secretbox IV 20, then the signature's randomness 32. */
export const HYDROGEN_ENTROPY_BYTES = 52;

// Suite xchacha20poly1305: public 656, nonce 24, ciphertext 328, Poly1305 tag 16.
export const XCHACHA_PUBLIC_BYTES = 656;
export const OFFSET_XCHACHA_NONCE = 656;
export const XCHACHA_NONCE_BYTES = 24;
export const OFFSET_XCHACHA_CIPHERTEXT = 680;
export const OFFSET_XCHACHA_TAG = 1008;
export const XCHACHA_TAG_BYTES = 16;
export const XCHACHA_SECRET_BYTES = 32;

// The secret section's fields, offsets from the client id. Both suites.
export const SECRET_BYTES = 328;
export const OFFSET_SECRET_CLIENT_ID = 0;
export const OFFSET_SECRET_CLIENT_TO_SERVER_KEY = 8;
export const OFFSET_SECRET_SERVER_TO_CLIENT_KEY = 40;
export const OFFSET_SECRET_USER_DATA = 72;
