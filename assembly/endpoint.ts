// The endpoint that Cute and netcode tokens share: a type byte, the address, a port. Read by the kernels and by TypeScript
// alike, so every constant is a plain literal.

export const ENDPOINT_IPV4 = 1;
export const ENDPOINT_IPV6 = 2;
/** Type byte, 4 address bytes in written order, port u16. */
export const ENDPOINT_IPV4_BYTES = 7;
/** Type byte, 16 address bytes (Cute and netcode in C: eight little-endian u16; other dialects: in written order), port u16. */
export const ENDPOINT_IPV6_BYTES = 19;
