// Endpoints of the Cute connect token: bytes to objects to text and back.
import { ENDPOINT_IPV4, ENDPOINT_IPV6, MAX_ENDPOINTS, OFFSET_ENDPOINTS } from "../../assembly/cute/layout.ts";
import { ConnectTokensError, formatError, rangeError, typeError } from "../errors.ts";
import { parseIPv4, parseIPv6 } from "./addresses.ts";
import { isList } from "./arguments.ts";
import { decimal } from "./digits.ts";
import { u8, u16 } from "./integers.ts";
import { ownOptions } from "./options.ts";

/** One game server that a token admits to. */
export interface Endpoint {
  /** `a.b.c.d`, or IPv6 as RFC 5952 writes it, without brackets; IPv4-mapped in the mixed form, `::ffff:a.b.c.d`. */
  address: string;
  /** As it stands in the token: 0 is refused on issue, but a reader reports it. */
  port: number;
  family: 4 | 6;
}

/** An endpoint as an issuer may give it. Own properties only. */
export interface EndpointInput {
  /** Dotted IPv4, or IPv6 in any form of RFC 4291 §2.2, without brackets and zone. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Must be the address's own where it is given. */
  readonly family?: 4 | 6 | undefined;
}

/** `0000:0000:0000:0000:0000:ffff:255.255.255.255` */
const MAX_ADDRESS_CHARACTERS = 45;
/** That in brackets, a colon and five digits. */
const MAX_ENDPOINT_CHARACTERS = 53;
const MAX_PORT = 65535;
const OCTETS: readonly string[] = Array.from({ length: 256 }, (_, octet) => String(octet));
const DOTTED: readonly string[] = OCTETS.map((digits) => `${digits}.`);
const HEX: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16));
const PADDED_HEX: readonly string[] = HEX.map((digits) => digits.padStart(2, "0"));

/** Added up from ready-made pieces, which is several times as fast as a template. */
const ipv4Text = (a: number, b: number, c: number, d: number): string =>
  (DOTTED[a] as string) + (DOTTED[b] as string) + (DOTTED[c] as string) + (OCTETS[d] as string);

/** Groups `from` to `to` (exclusive) of the IPv6 address at `at`, without leading zeros. */
function groupsText(bytes: Uint8Array, at: number, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) {
    const high = u8(bytes, at + 2 * i + 1);
    const low = u8(bytes, at + 2 * i);
    const group = high === 0 ? HEX[low] : `${HEX[high]}${PADDED_HEX[low]}`;
    text = i === from ? `${group}` : `${text}:${group}`;
  }
  return text;
}

/** RFC 5952 §4: lower case, the longest run of at least two zero groups as `::`, the first of equals. §5: mixed form. */
function ipv6Text(bytes: Uint8Array, at: number): string {
  let start = -1;
  let length = 1;
  let run = 0;
  for (let i = 0; i < 8; i++) {
    run = u16(bytes, at + 2 * i) === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = i - run + 1;
    }
  }
  if (start < 0) return groupsText(bytes, at, 0, 8);
  if (start === 0 && length === 5 && u16(bytes, at + 10) === 0xffff) {
    return `::ffff:${ipv4Text(u8(bytes, at + 13), u8(bytes, at + 12), u8(bytes, at + 15), u8(bytes, at + 14))}`;
  }
  return `${groupsText(bytes, at, 0, start)}::${groupsText(bytes, at, start + length, 8)}`;
}

/** The endpoint whose type byte, 1 or 2, stands at `at`; the caller has checked that it ends inside. */
export function decodeEndpoint(bytes: Uint8Array, at: number): Endpoint {
  if (u8(bytes, at) === ENDPOINT_IPV4) {
    const address = ipv4Text(u8(bytes, at + 1), u8(bytes, at + 2), u8(bytes, at + 3), u8(bytes, at + 4));
    return { address, port: u16(bytes, at + 5), family: 4 };
  }
  return { address: ipv6Text(bytes, at + 1), port: u16(bytes, at + 17), family: 6 };
}

/** Type byte, address and port as they stand in a packet: 7 or 19 bytes. Four numbers are IPv4 octets, eight groups. */
function encode(address: readonly number[], port: number): number[] {
  const portBytes = [port & 0xff, port >> 8];
  if (address.length === 4) return [ENDPOINT_IPV4, ...address, ...portBytes];
  return [ENDPOINT_IPV6, ...address.flatMap((group) => [group & 0xff, group >> 8]), ...portBytes];
}

function encodeText(text: string, argument: string): number[] {
  if (text.length <= MAX_ENDPOINT_CHARACTERS) {
    const bracket = text.startsWith("[") ? text.indexOf("]:") : -1;
    const colon = bracket < 0 ? text.indexOf(":") : bracket + 1;
    const address = bracket < 0 ? parseIPv4(text.slice(0, Math.max(colon, 0))) : parseIPv6(text.slice(1, bracket));
    const port = decimal(text, colon + 1);
    if (address && port > 0 && port <= MAX_PORT) return encode(address, port);
  }
  throw formatError(
    argument,
    "must be a.b.c.d:port or [IPv6]:port without zone, the port in plain decimal, 1 to 65535",
  );
}

function encodeObject(endpoint: EndpointInput, argument: string): number[] {
  const given: { readonly [name in keyof EndpointInput]?: unknown } = ownOptions(endpoint, argument);
  const { address: text, port, family } = given;
  if (typeof text !== "string") throw typeError(`${argument}.address`, "a string", text);
  if (typeof port !== "number") throw typeError(`${argument}.port`, "a number", port);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    throw rangeError(`${argument}.port`, "a whole number from 1 to 65535", port);
  }
  let address: number[] | undefined;
  if (text.length <= MAX_ADDRESS_CHARACTERS) address = text.includes(":") ? parseIPv6(text) : parseIPv4(text);
  if (!address) throw formatError(`${argument}.address`, "must be a.b.c.d, or IPv6 without brackets and zone");
  if (family !== undefined && family !== (address.length === 4 ? 4 : 6)) {
    if (typeof family !== "number") throw typeError(`${argument}.family`, "a number", family);
    throw rangeError(`${argument}.family`, `${address.length === 4 ? 4 : 6}, as its address is`, family);
  }
  return encode(address, port);
}

function encodeOne(endpoint: unknown, argument: string): number[] {
  if (typeof endpoint === "string") return encodeText(endpoint, argument);
  if (typeof endpoint === "object" && endpoint !== null) return encodeObject(endpoint as EndpointInput, argument);
  throw typeError(argument, "a string or an object { address, port }", endpoint);
}

/**
 * One endpoint as a packet carries it: 7 bytes for IPv4, 19 for IPv6.
 *
 * @throws ConnectTokensError as {@link encodeEndpoints} does
 */
export function encodeEndpoint(endpoint: string | EndpointInput, argument: string): Uint8Array {
  return Uint8Array.from(encodeOne(endpoint, argument));
}

/**
 * Encodes endpoints as a packet carries them, reading each property of the caller's objects once.
 *
 * @param endpoints 1 to 32 of `a.b.c.d:port`, `[IPv6]:port` or `{ address, port }`
 * @param argument what errors call the list: `"endpoints"`
 * @param publicBytes the suite's public length, 568 or 656, inside which they must end
 * @returns their number, and 7 bytes for each IPv4 and 19 for each IPv6 endpoint
 * @throws ConnectTokensError `ERR_TYPE`, `ERR_RANGE` (number, port, family, room) or `ERR_FORMAT` (text)
 */
export function encodeEndpoints(
  endpoints: readonly (string | EndpointInput)[],
  argument: string,
  publicBytes: number,
): { count: number; bytes: Uint8Array } {
  if (!isList(endpoints)) throw typeError(argument, "an array of endpoints", endpoints);
  const count: number = endpoints.length; // a Proxy of an array may answer anything
  if (!Number.isInteger(count) || count < 1 || count > MAX_ENDPOINTS) {
    throw rangeError(argument, `a list of 1 to ${MAX_ENDPOINTS} endpoints`, endpoints);
  }
  const encoded: number[] = [];
  for (let i = 0; i < count; i++) {
    encoded.push(...encodeOne(endpoints[i], `${argument}[${i}]`));
  }
  const room = publicBytes - OFFSET_ENDPOINTS;
  if (encoded.length > room) {
    const problem = `${argument} need ${encoded.length} bytes, but the suite's public section has room for ${room}`;
    throw new ConnectTokensError("ERR_RANGE", argument, problem);
  }
  return { count, bytes: Uint8Array.from(encoded) };
}
