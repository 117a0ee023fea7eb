import * as map from "../../assembly/memory/cute.ts";

const MAX_U64 = 2n ** 64n - 1n;

/** What a kernel's packets are held to. */
export interface PacketChecks {
  readonly applicationId: bigint;
  readonly now: bigint;
  /** Default 0. */
  readonly leeway?: bigint;
  /** The latest end that is taken; default any. */
  readonly latest?: bigint;
  /** As they stand in a packet, end to end. */
  readonly ownEndpoints?: Uint8Array;
}

/** Writes it to the memory of cute.wasm, as src/wasm does. */
export function writeChecks(memory: Buffer, checks: PacketChecks): void {
  const own = checks.ownEndpoints ?? new Uint8Array(0);
  memory.writeBigUInt64LE(checks.applicationId, map.CUTE_CHECKS + map.OFFSET_CHECKS_APPLICATION_ID);
  memory.writeBigUInt64LE(checks.now, map.CUTE_CHECKS + map.OFFSET_CHECKS_NOW);
  memory.writeBigUInt64LE(checks.leeway ?? 0n, map.CUTE_CHECKS + map.OFFSET_CHECKS_LEEWAY);
  memory.writeBigUInt64LE(checks.latest ?? MAX_U64, map.CUTE_CHECKS + map.OFFSET_CHECKS_LATEST);
  memory.writeUInt32LE(own.length, map.CUTE_CHECKS + map.OFFSET_CHECKS_OWN_LENGTH);
  memory.set(own, map.CUTE_OWN_ENDPOINTS);
}
