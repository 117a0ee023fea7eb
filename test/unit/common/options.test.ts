import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { type OptionNames, onlyOption, ownOptions, readOptions } from "../../../src/common/options.ts";
import { expectError } from "../../support/errors.ts";

interface Options {
  serverEndpoint?: string;
  userData?: string | undefined;
  now?: number | undefined;
}

const NAMES: OptionNames<Options> = { serverEndpoint: "defined", userData: true, now: true };
const read = (value: unknown) => readOptions(value as Options, NAMES, "options");
const readNow = (value: unknown) => onlyOption(value as Options, "now", "options");

describe("options", () => {
  it("are read once each, onto an object that inherits nothing", () => {
    let reads = 0;
    const given = Object.create(null, { now: { enumerable: true, get: () => ++reads } });
    const own = read(given);
    expect([Object.keys(own), own.now, own.now, reads]).toEqual([["now"], 1, 1, 1]);
    const prototype = Object.getPrototypeOf(own) as object;
    expect([Reflect.ownKeys(prototype), Object.getPrototypeOf(prototype), Object.isFrozen(prototype)]).toEqual([
      [],
      null,
      true,
    ]);
    expect(Object.keys(read(undefined))).toEqual([]);
    expect([readNow(given), readNow(undefined), readNow({}), readNow({ now: undefined })]).toEqual([
      2,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([null, 5, "text", () => 0, new Uint8Array(3), new DataView(new ArrayBuffer(1)), [], [1]])(
    "are not %s",
    (value) => {
      for (const run of [() => read(value), () => readNow(value)]) expectError(run, "ERR_TYPE", "options");
    },
  );

  it.each([
    ["a promise", Promise.resolve({ now: 5 })],
    ["a promise of another realm", runInNewContext("Promise.resolve()")],
    ["a map", new Map([["now", 5]])],
    ["a date", new Date()],
  ])("are not %s, which has no option either", (_, value) => {
    for (const run of [() => read(value), () => readNow(value)]) {
      expect(expectError(run, "ERR_TYPE", "options").message).toContain("must be an object of options, got");
    }
  });

  it.each([
    ["serverEndPoint", "serverEndpoint"],
    ["server_endpoint", "serverEndpoint"],
    ["endpoint", "serverEndpoint"],
    ["userdata", "userData"],
    ["Now", "now"],
    ["how", "now"],
    ["constructor", "userData"],
  ])("are never %j, whose nearest is %s", (name, near) => {
    const error = expectError(() => read({ [name]: 1 }), "ERR_TYPE", name);
    expect(error.message).toBe(`${name} must be the name of an option (the nearest is ${near}), got an unknown one`);
    expect(expectError(() => readNow({ [name]: 1, now: 1 }), "ERR_TYPE", name).message).toContain("the nearest is now");
  });

  it("may not be nameless", () => {
    for (const run of [read, readNow]) expectError(() => run({ "": 1 }), "ERR_TYPE", '""');
  });

  it("are named in errors with what they belong to, and not at any length", () => {
    const within = () => readOptions({ port: 1 } as Options, NAMES, "endpoints[3]", "endpoints[3].");
    expect(expectError(within, "ERR_TYPE", "endpoints[3].port").message).toContain("the nearest is endpoints[3].");
    const { message } = expectError(() => read({ ["x".repeat(1e6)]: 1 }), "ERR_TYPE", "x".repeat(64));
    expect(message.length).toBeLessThan(200);
  });

  it("must not be undefined where that would accept more", () => {
    const error = expectError(() => read({ serverEndpoint: undefined }), "ERR_TYPE", "serverEndpoint");
    expect(error.message).toContain("must be given or left out");
    expect(read({ userData: undefined, now: undefined })).toEqual({ userData: undefined, now: undefined });
  });

  it.each([
    ["an object that serves as prototype", Object.create({ now: 5 })],
    [
      "a class's getter",
      new (class {
        get now() {
          return 5;
        }
      })(),
    ],
    [
      "a base class",
      new (class extends class {
        get now() {
          return 5;
        }
      } {})(),
    ],
    ["a prototype without a prototype", Object.create(Object.create(null, { now: { value: 5 } }))],
  ])("are not inherited from %s", (_, value) => {
    for (const run of [() => read(value), () => readNow(value)]) {
      expect(expectError(run, "ERR_TYPE", "now").message).toBe(
        "now must be the object's own property, got an inherited one",
      );
    }
  });

  it("are not misspelt on a prototype either, while a class's methods are no options", () => {
    for (const run of [read, readNow]) {
      expectError(() => run(Object.create({ serverEndPoint: 5 })), "ERR_TYPE", "serverEndPoint");
      class Config {
        now = 5;
        describe(): string {
          return "";
        }
      }
      expect(run(new Config())).toEqual(run({ now: 5 }));
    }
  });

  it("are enumerable", () => {
    const hidden = Object.defineProperty({}, "now", { value: 5 });
    for (const run of [() => read(hidden), () => readNow(hidden)]) {
      expect(expectError(run, "ERR_TYPE", "now").message).toBe("now must be an enumerable property, got a hidden one");
    }
    expectError(() => read(Object.defineProperty({}, "nwo", { value: 5 })), "ERR_TYPE", "nwo");
  });

  it("come from no polluted Object.prototype, and none is refused for it", () => {
    const prototype = Object.prototype as { now?: number; other?: number };
    Object.assign(prototype, { now: 5, other: 6 });
    try {
      expect(read({ userData: "" })).toEqual(Object.assign(Object.create(null), { userData: "" }));
      expect([readNow({}), readNow({ now: 7 })]).toEqual([undefined, 7]);
      expectError(() => readNow({ nwo: 7 }), "ERR_TYPE", "nwo");
    } finally {
      delete prototype.now;
      delete prototype.other;
    }
  });

  it("of another realm are read as this one's", () => {
    for (const run of [read, readNow]) {
      expect(run(runInNewContext("({ now: 5 })"))).toEqual(run({ now: 5 }));
      expectError(() => run(runInNewContext("({ nwo: 5 })")), "ERR_TYPE", "nwo");
    }
  });

  it("may have symbols beside them", () => {
    expect(Object.keys(read({ now: 5, [Symbol("mark")]: 1 }))).toEqual(["now"]);
    expect(readNow({ now: 5, [Symbol("mark")]: 1 })).toBe(5);
  });
});

it("a stranger's object is read without a word about what else it has", () => {
  const given = Object.create({ inherited: 1 }, { own: { enumerable: true, value: 1 }, hidden: { value: 2 } });
  const own = ownOptions<Record<string, unknown>>(given, "o");
  expect([Object.getPrototypeOf(own), { ...own }]).toEqual([null, { own: 1 }]);
  expect(Object.keys(ownOptions(undefined, "o"))).toEqual([]);
  expectError(() => ownOptions(null as never, "o"), "ERR_TYPE", "o");
});
