import { ownOptions } from "../common/options.ts";
import { formatError, rangeError, typeError } from "../errors.ts";

/** Where a token came from, as Node's `rinfo` says it; `family` and `size` may be there too. */
export interface OriginInput {
  /** Dotted IPv4, or IPv6 in any form of RFC 4291, without brackets. A zone (`%eth0`) is not looked at. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
  readonly family?: 4 | 6 | string | undefined;
  readonly size?: number | undefined;
}

/**
 * One text for each family, address and port, however they were written; the empty one where none was given. Port 0 and a
 * zone are what a stranger may send from, and no reason to throw.
 *
 * @throws ConnectTokensError where it is neither an object with address and port nor their text
 */
export function originText(from: unknown): string {
  if (from === undefined) return "";
  if (typeof from === "string") return canonical(from, "from");
  const { address, port } = ownOptions<Partial<OriginInput>>(from as OriginInput, "from");
  if (typeof address !== "string") throw typeError("from.address", "a string", address);
  if (typeof port !== "number") throw typeError("from.port", "a number", port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw rangeError("from.port", "a whole number from 0 to 65535", port);
  }
  return canonical(`${address.includes(":") ? `[${address}]` : address}:${port}`, "from.address");
}

const FORM = /^((\d+\.){3}\d+|\[([\da-f:.]{2,45})(%[^\]]{1,64})?]):(\d{1,5})$/i;

function canonical(text: string, argument: string): string {
  const [, ipv4, , ipv6, , port] = (text.length < 128 && FORM.exec(text)) || [];
  try {
    const host = ipv6 === undefined ? ipv4 : `[${ipv6}]`;
    const { hostname } = new URL(`http://${host}:${port}`);
    if (ipv6 !== undefined || hostname === ipv4) return `${hostname}:${Number(port)}`;
  } catch {}
  throw formatError(argument, "must be an IPv4 or IPv6 address with a port, as a.b.c.d:port or [IPv6]:port");
}
