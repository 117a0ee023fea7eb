import {
  decodeEndpoint,
  type Endpoint,
  type EndpointInput,
  encodeEndpoints as encode,
  encodeEndpoint as encodeOne,
  NATIVE_FORM,
} from "../../src/common/endpoints.ts";
import { endpointRules } from "../../src/cute/suites.ts";

/** Endpoints as a Cute packet carries them. */
export function encodeEndpoints(
  list: readonly (string | EndpointInput)[],
  argument: string,
  publicBytes: number,
): { count: number; bytes: Uint8Array<ArrayBuffer> } {
  return encode(list, argument, endpointRules(publicBytes));
}

export function encodeEndpoint(endpoint: string | EndpointInput, argument: string): Uint8Array<ArrayBuffer> {
  return encodeOne(endpoint, argument, NATIVE_FORM);
}

/** `a.b.c.d:port` or `[IPv6]:port` through a packet's bytes and back: the address comes out in its canonical form. */
export function parseEndpoint(text: string, argument = "endpoint"): Endpoint {
  return decodeEndpoint(encodeEndpoint(text, argument), 0, NATIVE_FORM);
}

export function endpointText({ address, port, family }: Endpoint): string {
  return family === 4 ? `${address}:${port}` : `[${address}]:${port}`;
}
