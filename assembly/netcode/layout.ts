// The netcode 1.02 connect token, byte by byte: sizes and offsets, in bytes. Read by the kernel and by TypeScript alike, so
// every constant is a plain literal (asc would read the type of a derived one as f64).
// Source: the netcode 1.02 standard and `netcode_generate_connect_token` of netcode.c.

/**
 * What the web service hands the client, padded with zeros (renet: client id in front, not padded).
 *
 * @example
 * ```ts
 * import { CONNECT_TOKEN_BYTES } from "connect-tokens/netcode";
 *
 * console.log(CONNECT_TOKEN_BYTES); // 2048
 * ```
 */
export const CONNECT_TOKEN_BYTES = 2048;
/**
 * What the client sends to a game server, unchanged.
 *
 * @example
 * ```ts
 * import { CONNECTION_REQUEST_BYTES } from "connect-tokens/netcode";
 *
 * console.log(CONNECTION_REQUEST_BYTES); // 1078
 * ```
 */
export const CONNECTION_REQUEST_BYTES = 1078;

/** `NETCODE 1.02` and NUL. */
export const VERSION_BYTES = 13;
export const KEY_BYTES = 32;
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;
/**
 * The user data that a token carries; shorter is padded with zeros.
 *
 * @example
 * ```ts
 * import { USER_DATA_BYTES } from "connect-tokens/netcode";
 *
 * console.log(USER_DATA_BYTES); // 256
 * ```
 */
export const USER_DATA_BYTES = 256;
/**
 * The most server addresses that a token lists.
 *
 * @example
 * ```ts
 * import { MAX_SERVER_ADDRESSES } from "connect-tokens/netcode";
 *
 * console.log(MAX_SERVER_ADDRESSES); // 32
 * ```
 */
export const MAX_SERVER_ADDRESSES = 32;

// Connect token, offsets from its version (renet: 8 bytes into the token).
export const OFFSET_TOKEN_VERSION = 0;
export const OFFSET_TOKEN_PROTOCOL_ID = 13;
export const OFFSET_TOKEN_CREATE_TIMESTAMP = 21;
export const OFFSET_TOKEN_EXPIRE_TIMESTAMP = 29;
export const OFFSET_TOKEN_NONCE = 37;
export const OFFSET_TOKEN_PRIVATE = 61;
export const OFFSET_TOKEN_TIMEOUT = 1085;
export const OFFSET_TOKEN_ADDRESS_COUNT = 1089;
/** Then both keys at once after the last address. */
export const OFFSET_TOKEN_ADDRESSES = 1093;
/** Client id that renet puts before the version. */
export const RENET_PREFIX_BYTES = 8;

// Connection request packet.
export const OFFSET_TYPE = 0;
export const OFFSET_VERSION = 1;
export const OFFSET_PROTOCOL_ID = 14;
export const OFFSET_EXPIRE_TIMESTAMP = 22;
export const OFFSET_NONCE = 30;
export const OFFSET_PRIVATE = 54;
export const OFFSET_TAG = 1062;

/** Ciphertext and tag. */
export const PRIVATE_BYTES = 1024;
/** The private part's plaintext; behind its fields, zeros that no reader looks at. */
export const PRIVATE_TEXT_BYTES = 1008;
/** Version, protocol id, expire timestamp. */
export const ASSOCIATED_DATA_BYTES = 29;

// Private part, offsets from its first byte.
export const OFFSET_PRIVATE_CLIENT_ID = 0;
export const OFFSET_PRIVATE_TIMEOUT = 8;
export const OFFSET_PRIVATE_ADDRESS_COUNT = 12;
/** Then client-to-server key, server-to-client key and user data at once after the last address. */
export const OFFSET_PRIVATE_ADDRESSES = 16;
