// A slow, readable second opinion on src/common/endpoints.ts, written from the layout and RFC 5952, sharing no code.

export interface ReferenceEndpoint {
  address: string;
  port: number;
  family: 4 | 6;
}

export interface ReferenceSection {
  applicationId: bigint;
  expirationTimestamp: bigint;
  handshakeTimeout: number;
  endpoints: ReferenceEndpoint[];
}

/**
 * RFC 5952 by enumeration: every way of writing the groups with one run of zeros (two or more) as `::`, of which the
 * one that leaves out most groups wins, then the one that starts first. IPv4-mapped addresses in the mixed form (§5).
 */
export function formatIPv6(groups: readonly number[]): string {
  const hex = groups.map((group) => group.toString(16));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const address = BigInt(`0x${hex.map((digits) => digits.padStart(4, "0")).join("")}`);
    return `::ffff:${[24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".")}`;
  }
  let best = { left: 8, text: hex.join(":") };
  for (let start = 0; start < 8; start++) {
    for (let end = start + 2; end <= 8; end++) {
      if (groups.slice(start, end).some((group) => group !== 0)) continue;
      const left = 8 - (end - start);
      if (left < best.left) best = { left, text: `${hex.slice(0, start).join(":")}::${hex.slice(end).join(":")}` };
    }
  }
  return best.text;
}

/** The packet's public section, or the reason for which a verdict refuses it; `bytes` is the whole packet. */
export function readSection(
  bytes: Uint8Array,
  publicBytes: number,
): ReferenceSection | "not-a-connect-token" | "bad-endpoints" {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = String.fromCharCode(...bytes.subarray(1, 11));
  if (view.getUint8(0) !== 0 || version !== "CUTE 1.00\0") return "not-a-connect-token";
  const count = view.getUint32(31, true);
  if (count === 0 || count > 32) return "bad-endpoints";
  const endpoints: ReferenceEndpoint[] = [];
  let rest = bytes.subarray(35, publicBytes);
  while (endpoints.length < count) {
    const [type] = rest;
    const size = { 1: 7, 2: 19 }[type ?? 0];
    if (size === undefined || rest.length < size) return "bad-endpoints";
    const port = (rest[size - 2] as number) + (rest[size - 1] as number) * 256;
    const address = rest.subarray(1, size - 2);
    if (type === 1) endpoints.push({ address: address.join("."), port, family: 4 });
    else {
      const groups = Array.from(
        { length: 8 },
        (_, i) => (address[2 * i] as number) + (address[2 * i + 1] as number) * 256,
      );
      endpoints.push({ address: formatIPv6(groups), port, family: 6 });
    }
    rest = rest.subarray(size);
  }
  return {
    applicationId: view.getBigUint64(11, true),
    expirationTimestamp: view.getBigUint64(19, true),
    handshakeTimeout: view.getUint32(27, true),
    endpoints,
  };
}

/** Random bytes that come again with the same seed (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
