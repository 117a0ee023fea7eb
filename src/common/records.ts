import { publicHex } from "./hex.ts";

/**
 * Makes the records of a class plain ones but for their JSON, which is safe to log. To be called in the class's static block.
 *
 * `toJSON` stands on the prototype: defining it on each record takes several times as long as making one, and where it could
 * be enumerated structuredClone would refuse the record. The prototype names no constructor, so that comparisons which look
 * at that take an object literal for equal.
 */
export function plainRecords({ prototype }: { readonly prototype: object }): void {
  Reflect.deleteProperty(prototype, "constructor");
  Object.defineProperty(prototype, "toJSON", {
    value(this: object): unknown {
      return safeMembers(this);
    },
  });
  Object.freeze(prototype);
}

/** Bytes under such a name are a key of the session, and stay out of logs. */
const KEY_NAME = /key$/i;

function safeMembers(record: object): object {
  const members: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(record)) {
    if (!(value instanceof Uint8Array && KEY_NAME.test(name))) members[name] = safeValue(value);
  }
  return members;
}

function safeValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return publicHex(value);
  return Array.isArray(value) ? value.map(safeValue) : safeMembers(value);
}
