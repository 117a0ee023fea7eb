import { decodeEndpoint, type Endpoint, encodeEndpoint } from "../../src/common/endpoints.ts";

/** `a.b.c.d:port` or `[IPv6]:port` through a packet's bytes and back: the address comes out in its canonical form. */
export function parseEndpoint(text: string, argument = "endpoint"): Endpoint {
  return decodeEndpoint(encodeEndpoint(text, argument), 0);
}

export function endpointText({ address, port, family }: Endpoint): string {
  return family === 4 ? `${address}:${port}` : `[${address}]:${port}`;
}
