import { rangeError, typeError } from "../errors.ts";

/** Where a datagram came from or goes to, as Node's `rinfo` has it. */
export interface Address {
  readonly address: string;
  /** 0 to 65535: a stranger's datagram may claim to come from port 0. */
  readonly port: number;
}

/**
 * Reads an address from a caller, each property once.
 *
 * @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE`
 */
export function asAddress(value: unknown, argument: string): Address {
  if (typeof value !== "object" || value === null) throw typeError(argument, "an object { address, port }", value);
  const { address, port } = value as { address: unknown; port: unknown };
  if (typeof address !== "string") throw typeError(`${argument}.address`, "a string", address);
  if (address.length > MAX_CHARACTERS) throw rangeError(`${argument}.address`, "an IP address", address);
  if (typeof port !== "number") throw typeError(`${argument}.port`, "a number", port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw rangeError(`${argument}.port`, "a whole number from 0 to 65535", port);
  }
  return Object.freeze({ address, port });
}

/** An IPv6 address in its longest form, with the longest name of an interface. */
const MAX_CHARACTERS = 128;

/** What tells one sender from another. The socket that reports them writes an address always in the same way. */
export function addressKey({ address, port }: Address): string {
  return `${port} ${address}`;
}
