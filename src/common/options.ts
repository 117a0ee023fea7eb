import { ConnectTokensError, describe, typeError } from "../errors.ts";
import { isRevoked } from "./arguments.ts";

/**
 * A scheme's options, stated once and held to their interface: none is left out, none is made up. `"defined"` is for
 * those that widen what is accepted when they are absent: giving `undefined` for one is an error.
 */
export type OptionNames<Options> = { readonly [Name in keyof Required<Options>]: true | "defined" };

/** What a caller gave for each option, unchecked. */
export type Given<Options> = { readonly [Name in keyof Options]?: unknown };

/**
 * Takes an options object from a caller: each property read once, onto an object that inherits nothing, so that neither a
 * polluted `Object.prototype` nor a getter that answers differently the second time decides anything. An option that is
 * not read would be a check that is silently off, so whatever is no option of `names` is an error, and so is an option
 * that is inherited (from anything but `Object.prototype`) or not enumerable. Symbols are left alone.
 *
 * @param argument what errors call the object
 * @param prefix what stands before an option's name in errors: `"endpoints[3]."`
 * @throws ConnectTokensError `ERR_TYPE` where it is not an object, or for one of its properties
 */
export function readOptions<Options extends object>(
  value: Options | undefined,
  names: OptionNames<Options>,
  argument: string,
  prefix = "",
): Given<Options> {
  const copy: Record<string, unknown> = Object.create(NOTHING);
  if (value === undefined) return copy as Given<Options>;
  const object = asObject(value, argument) as Record<string, unknown>;
  const keys = Object.keys(object);
  refuseHidden(object, keys, names, prefix, argument);
  for (const name of keys) {
    if (!Object.hasOwn(names, name)) throw noOption(name, names, prefix);
    const given = object[name];
    if (given === undefined && names[name as keyof Options] === "defined") throw notDefined(name, prefix);
    copy[name] = given;
  }
  return copy as Given<Options>;
}

/**
 * The one option of an object that takes no other, as {@link readOptions} reads it and at a fraction of its cost: for
 * calls in which every object counts. A hidden property beside it goes unseen.
 */
export function onlyOption<Options extends object, Name extends keyof Options & string>(
  value: Options | undefined,
  name: Name,
  argument: string,
): Options[Name] | undefined {
  if (value === undefined) return undefined;
  const object = asObject(value, argument) as Options;
  let found = false;
  let others = Object.getPrototypeOf(object) !== Object.prototype;
  // Lists inherited properties as well, those of a polluted Object.prototype too.
  for (const key in object) {
    // Asked of the key at hand, which costs the engine nothing.
    if ((key as string) === name && Object.hasOwn(object, key)) found = true;
    else others = true;
  }
  if (found && !others) return object[name];
  refuseOthers(object, name, argument);
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Own properties of an object that may be a stranger's, each read once, onto an object without a prototype. Whatever else
 * it has is left alone.
 *
 * @throws ConnectTokensError `ERR_TYPE` where it is not an object
 */
export function ownOptions<Options extends object>(value: Options | undefined, argument: string): Partial<Options> {
  const copy: Partial<Options> = Object.create(null);
  return value === undefined ? copy : Object.assign(copy, asObject(value, argument));
}

/** What the objects inherit: several times as fast as `Object.create(null)`, which the engine treats as a dictionary. */
const NOTHING: object = Object.freeze(Object.create(null));

function asObject(value: unknown, argument: string): object {
  // A view has a property for each of its bytes.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || isRevoked(value)) {
    throw typeError(argument, "an object", value);
  }
  return value;
}

/** What {@link readOptions} does about an object that has more than its one option, or not even that. */
function refuseOthers(object: object, name: string, argument: string): void {
  const names = { [name]: true } as const;
  const keys = Object.keys(object);
  refuseHidden(object, keys, names, "", argument);
  for (const key of keys) if (key !== name) throw noOption(key, names, "");
}

/** @param keys the own enumerable ones */
function refuseHidden(object: object, keys: readonly string[], names: object, prefix: string, argument: string): void {
  const prototype = Object.getPrototypeOf(object);
  const plain = prototype === Object.prototype || prototype === null;
  // A forgotten await, above all: without any property it would pass as an object without options.
  if (!plain && describe(object) !== "an object") throw typeError(argument, "an object of options", object);
  const own = Object.getOwnPropertyNames(object);
  if (own.length !== keys.length) {
    const hidden = own.find((name) => !keys.includes(name)) as string;
    if (!Object.hasOwn(names, hidden)) throw noOption(hidden, names, prefix);
    throw wrong(prefix + hidden, "must be an enumerable property, got a hidden one");
  }
  if (!plain) refuseInherited(object, names, prefix);
}

function refuseInherited(object: object, names: object, prefix: string): void {
  for (let from = Object.getPrototypeOf(object); from !== null && !isRoot(from); from = Object.getPrototypeOf(from)) {
    for (const name of Object.getOwnPropertyNames(from)) {
      if (Object.hasOwn(object, name)) continue;
      if (Object.hasOwn(names, name)) {
        throw wrong(prefix + name, "must be the object's own property, got an inherited one");
      }
      // A class's methods are not enumerable; what stands on an object that serves as prototype is.
      if (Object.prototype.propertyIsEnumerable.call(from, name)) throw noOption(name, names, prefix);
    }
  }
}

/** Whether it is `Object.prototype`, of any realm. */
function isRoot(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

function notDefined(name: string, prefix: string): ConnectTokensError {
  return wrong(prefix + name, "must be given or left out, since without it more is accepted, got undefined");
}

function noOption(name: string, names: object, prefix: string): ConnectTokensError {
  const near = prefix + nearest(name, Object.keys(names));
  const shown = prefix + (name.slice(0, MAX_SHOWN_CHARACTERS) || NAMELESS);
  return wrong(shown, `must be the name of an option (the nearest is ${near}), got an unknown one`);
}

function wrong(argument: string, problem: string): ConnectTokensError {
  return new ConnectTokensError("ERR_TYPE", argument, `${argument} ${problem}`);
}

const MAX_SHOWN_CHARACTERS = 64;
const NAMELESS = '""';

/** The name that takes the fewest changes to come to, capitals and underscores apart. */
function nearest(name: string, names: readonly string[]): string {
  const plain = (text: string): string => text.slice(0, MAX_SHOWN_CHARACTERS).replace(/[_-]/g, "").toLowerCase();
  const distances = names.map((other) => distance(plain(name), plain(other)));
  return names[distances.indexOf(Math.min(...distances))] as string;
}

/** Levenshtein's: the fewest characters to put in, take out or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
