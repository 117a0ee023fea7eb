// Endpoints of a connect token: text and objects to network-order addresses to the bytes of a scheme, and back.
import { ENDPOINT_IPV4, ENDPOINT_IPV6 } from "../../assembly/endpoint.ts";
import { ConnectTokensError, formatError, rangeError, typeError } from "../errors.ts";
import { ipv4Bytes, ipv6Bytes } from "./addresses.ts";
import { isList } from "./arguments.ts";
import { decimal } from "./digits.ts";
import { u8 } from "./integers.ts";
import { type OptionNames, readOptions } from "./options.ts";

/** One game server that a token admits to. */
export interface Endpoint {
  /** `a.b.c.d`, or IPv6 as RFC 5952 writes it, without brackets; IPv4-mapped in the mixed form, `::ffff:a.b.c.d`. */
  address: string;
  /** As it stands in the token: 0 is refused on issue, but a reader reports it. */
  port: number;
  family: 4 | 6;
}

/** An endpoint as a caller may give it, also as Node does (`rinfo`, `socket.address()`). Own properties only. */
export interface EndpointInput {
  /** Dotted IPv4, or IPv6 in any form of RFC 4291 §2.2, without brackets and zone. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** 4, 6, `"IPv4"` or `"IPv6"`; must be the address's own where it is given. */
  readonly family?: number | string | undefined;
  /** A datagram's, in `rinfo`; means nothing here. */
  readonly size?: number | undefined;
}

/** An endpoint on its way between text and bytes. */
export interface ParsedEndpoint {
  /** 4 or 16 bytes in network order. */
  readonly address: readonly number[];
  readonly port: number;
}

/** How a scheme lays out what stands behind the type byte. IPv4 addresses are in network order everywhere. */
export interface EndpointForm {
  /** IPv6 as eight little-endian u16; otherwise 16 bytes in network order. */
  readonly littleEndianGroups: boolean;
  readonly littleEndianPort: boolean;
}

/** Cute's form, and that of netcode in C. */
export const NATIVE_FORM: EndpointForm = { littleEndianGroups: true, littleEndianPort: true };

/** What a list of endpoints is held to when it is encoded, and what errors call it. */
export interface EndpointListRules {
  readonly form: EndpointForm;
  /** The most there may be. */
  readonly maxCount: number;
  /** Bytes that they may take together. */
  readonly room: number;
  /** Whose room that is: `"the suite's public section"`. */
  readonly place: string;
  /** What they are: `"endpoints"`. */
  readonly noun: string;
}

/** The endpoint whose type byte, 1 or 2, stands at `at`; the caller has checked that it ends inside. */
export function decodeEndpoint(bytes: Uint8Array, at: number, form: EndpointForm): Endpoint {
  if (u8(bytes, at) === ENDPOINT_IPV4) {
    const address = ipv4Text(u8(bytes, at + 1), u8(bytes, at + 2), u8(bytes, at + 3), u8(bytes, at + 4));
    return { address, port: portAt(bytes, at + 5, form), family: 4 };
  }
  const swap = form.littleEndianGroups ? 1 : 0;
  return { address: ipv6Text(bytes, at + 1, swap), port: portAt(bytes, at + 17, form), family: 6 };
}

/**
 * Reads an endpoint from a caller, each property of an object once.
 *
 * @param endpoint `a.b.c.d:port`, `[IPv6]:port` or `{ address, port }`
 * @throws ConnectTokensError `ERR_TYPE`, `ERR_RANGE` (port, family) or `ERR_FORMAT` (text)
 */
export function parseEndpoint(endpoint: unknown, argument: string): ParsedEndpoint {
  if (typeof endpoint === "string") return parseText(endpoint, argument);
  if (typeof endpoint === "object" && endpoint !== null) return parseObject(endpoint as EndpointInput, argument);
  throw typeError(argument, "a string or an object { address, port }", endpoint);
}

/** Type byte, address and port as a packet carries them: 7 bytes for IPv4, 19 for IPv6. */
export function endpointBytes({ address, port }: ParsedEndpoint, form: EndpointForm): number[] {
  const portBytes = form.littleEndianPort ? [port & 0xff, port >> 8] : [port >> 8, port & 0xff];
  if (address.length === 4) return [ENDPOINT_IPV4, ...address, ...portBytes];
  const swap = form.littleEndianGroups ? 1 : 0;
  return [ENDPOINT_IPV6, ...address.map((_, i) => address[i ^ swap] as number), ...portBytes];
}

/**
 * {@link parseEndpoint} as a packet carries it.
 *
 * @throws ConnectTokensError as {@link parseEndpoint} does
 */
export function encodeEndpoint(endpoint: unknown, argument: string, form: EndpointForm): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(endpointBytes(parseEndpoint(endpoint, argument), form));
}

/**
 * Encodes endpoints as a packet carries them, reading each property of the caller's objects once.
 *
 * @param endpoints 1 to `rules.maxCount` of what {@link parseEndpoint} takes
 * @param argument what errors call the list
 * @returns their number, and 7 bytes for each IPv4 and 19 for each IPv6 endpoint
 * @throws ConnectTokensError as {@link parseEndpoint} does, and `ERR_RANGE` for their number and room
 */
export function encodeEndpoints(
  endpoints: unknown,
  argument: string,
  rules: EndpointListRules,
): { count: number; bytes: Uint8Array<ArrayBuffer> } {
  const { form, maxCount, room, place, noun } = rules;
  if (!isList(endpoints)) throw typeError(argument, `an array of ${noun}`, endpoints);
  const count: number = endpoints.length; // a Proxy of an array may answer anything
  if (!Number.isInteger(count) || count < 1 || count > maxCount) {
    throw rangeError(argument, `a list of 1 to ${maxCount} ${noun}`, endpoints);
  }
  const encoded: number[] = [];
  for (let i = 0; i < count; i++) {
    encoded.push(...endpointBytes(parseEndpoint(endpoints[i], `${argument}[${i}]`), form));
  }
  if (encoded.length > room) {
    const problem = `${argument} need ${encoded.length} bytes, but ${place} has room for ${room}`;
    throw new ConnectTokensError("ERR_RANGE", argument, problem);
  }
  return { count, bytes: Uint8Array.from(encoded) };
}

/**
 * A server's own endpoints, one or several (dual stack), as they may stand in a token: end to end, an IPv4-mapped address
 * in both its forms.
 *
 * @param argument what errors call them: `"serverEndpoint"`
 * @throws ConnectTokensError as {@link parseEndpoint} does, and `ERR_RANGE` for their number and for 0.0.0.0 or ::, which
 *   admits no one
 */
export function encodeOwnEndpoints(given: unknown, argument: string, form: EndpointForm): Uint8Array<ArrayBuffer> {
  if (!isList(given)) return Uint8Array.from(ownEndpoint(given, argument, form));
  const list = [...given];
  if (list.length < 1 || list.length > MAX_OWN_ENDPOINTS) {
    throw rangeError(argument, `one endpoint or a list of 1 to ${MAX_OWN_ENDPOINTS}`, given);
  }
  return Uint8Array.from(list.flatMap((one, i) => ownEndpoint(one, `${argument}[${i}]`, form)));
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

function portAt(bytes: Uint8Array, at: number, { littleEndianPort }: EndpointForm): number {
  const [first, second] = [u8(bytes, at), u8(bytes, at + 1)];
  return littleEndianPort ? first | (second << 8) : (first << 8) | second;
}

/** Added up from ready-made pieces, which is several times as fast as a template. */
const ipv4Text = (a: number, b: number, c: number, d: number): string =>
  (DOTTED[a] as string) + (DOTTED[b] as string) + (DOTTED[c] as string) + (OCTETS[d] as string);

/**
 * RFC 5952 §4: lower case, the longest run of at least two zero groups as `::`, the first of equals. §5: mixed form.
 *
 * @param swap 1 where the two bytes of each group stand the other way round than in network order, else 0
 */
function ipv6Text(bytes: Uint8Array, at: number, swap: number): string {
  let start = -1;
  let length = 1;
  let run = 0;
  for (let i = 0; i < 16; i += 2) {
    run = (u8(bytes, at + i) | u8(bytes, at + i + 1)) === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = i / 2 - run + 1;
    }
  }
  if (start < 0) return groupsText(bytes, at, swap, 0, 8);
  if (start === 0 && length === 5 && u8(bytes, at + 10) === 0xff && u8(bytes, at + 11) === 0xff) {
    const octet = (i: number): number => u8(bytes, at + (i ^ swap));
    return `::ffff:${ipv4Text(octet(12), octet(13), octet(14), octet(15))}`;
  }
  return `${groupsText(bytes, at, swap, 0, start)}::${groupsText(bytes, at, swap, start + length, 8)}`;
}

/** Groups `from` to `to` (exclusive) of the IPv6 address at `at`, without leading zeros. */
function groupsText(bytes: Uint8Array, at: number, swap: number, from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) {
    const high = u8(bytes, at + 2 * i + swap);
    const low = u8(bytes, at + 2 * i + 1 - swap);
    const group = high === 0 ? HEX[low] : `${HEX[high]}${PADDED_HEX[low]}`;
    text = i === from ? `${group}` : `${text}:${group}`;
  }
  return text;
}

function parseText(text: string, argument: string): ParsedEndpoint {
  if (text.length <= MAX_ENDPOINT_CHARACTERS) {
    const bracket = text.startsWith("[") ? text.indexOf("]:") : -1;
    const colon = bracket < 0 ? text.indexOf(":") : bracket + 1;
    const address = bracket < 0 ? ipv4Bytes(text.slice(0, Math.max(colon, 0))) : ipv6Bytes(text.slice(1, bracket));
    const port = decimal(text, colon + 1);
    if (address && port > 0 && port <= MAX_PORT) return { address, port };
  }
  throw formatError(
    argument,
    "must be a.b.c.d:port or [IPv6]:port without zone, the port in plain decimal, 1 to 65535",
  );
}

function parseObject(endpoint: EndpointInput, argument: string): ParsedEndpoint {
  const given = readOptions(endpoint, ENDPOINT_NAMES, argument, `${argument}.`);
  const { address: text, port, family } = given;
  if (typeof text !== "string") throw typeError(`${argument}.address`, "a string", text);
  if (typeof port !== "number") throw typeError(`${argument}.port`, "a number", port);
  if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
    throw rangeError(`${argument}.port`, "a whole number from 1 to 65535", port);
  }
  let address: number[] | undefined;
  if (text.length <= MAX_ADDRESS_CHARACTERS) address = text.includes(":") ? ipv6Bytes(text) : ipv4Bytes(text);
  if (!address) throw formatError(`${argument}.address`, "must be a.b.c.d, or IPv6 without brackets and zone");
  if (family !== undefined) checkFamily(family, address.length === 4 ? 4 : 6, `${argument}.family`);
  return { address, port };
}

function checkFamily(family: unknown, own: 4 | 6, argument: string): void {
  if (family === own || family === `IPv${own}`) return;
  const expected = `${own} or "IPv${own}", as its address is`;
  throw typeof family === "number" || typeof family === "string"
    ? rangeError(argument, expected, family)
    : typeError(argument, expected, family);
}

const ENDPOINT_NAMES: OptionNames<EndpointInput> = { address: true, port: true, family: true, size: true };

/** The most own endpoints: each may stand for two. */
const MAX_OWN_ENDPOINTS = 32;

/** All bytes that stand for an own endpoint: of an IPv4-mapped one, two forms. */
function ownEndpoint(value: unknown, argument: string, form: EndpointForm): number[] {
  const parsed = parseEndpoint(value, argument);
  const { address, port } = parsed;
  const mapped = address.length === 16 && MAPPED_PREFIX.every((byte, i) => address[i] === byte);
  const ipv4 = mapped ? address.slice(12) : address;
  if (ipv4.every((byte) => byte === 0)) {
    throw rangeError(argument, "an address that tokens name, not the one that listens on all", value);
  }
  const bytes = endpointBytes(parsed, form);
  return mapped ? [...bytes, ...endpointBytes({ address: ipv4, port }, form)] : bytes;
}

/** That of `::ffff:a.b.c.d`. */
const MAPPED_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
