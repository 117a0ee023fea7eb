// As much of vitest's interface as the tests use, for tests that run in the process that loads them.
import { createRequire } from "node:module";
import { GLOBAL_EXPECT, getState, JestAsymmetricMatchers, JestChaiExpect, JestExtend, setState } from "@vitest/expect";
import { fn, restoreAllMocks, spyOn } from "@vitest/spy";
import * as chaiModule from "chai";

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) {
  chaiModule.use((_, utils) => plugin(chaiModule, utils));
}

function makeExpect() {
  const expect = (value, message) => chaiModule.expect(value, message);
  Object.assign(expect, chaiModule.expect, globalThis[Symbol.for("asymmetric-matchers-object")]);
  expect.getState = () => getState(expect);
  expect.setState = (state) => setState(state, expect);
  expect.unreachable = (message) => chaiModule.assert.fail(`reached: ${message ?? ""}`);
  globalThis[GLOBAL_EXPECT] = expect;
  setState({ assertionCalls: 0 }, expect);
  return expect;
}

const genuineDate = Date;
const stubbed = new Map();

function setTime(now) {
  globalThis.Date = class extends genuineDate {
    constructor(...args) {
      super(...(args.length > 0 ? args : [now]));
    }
    static now() {
      return now;
    }
  };
}

function makeVi(resetModules) {
  return {
    fn,
    spyOn,
    restoreAllMocks,
    resetModules,
    useFakeTimers: ({ now }) => setTime(now),
    setSystemTime: setTime,
    useRealTimers() {
      globalThis.Date = genuineDate;
    },
    stubGlobal(name, value) {
      if (!stubbed.has(name)) stubbed.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
    },
    unstubAllGlobals() {
      for (const [name, descriptor] of stubbed) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else delete globalThis[name];
      }
      stubbed.clear();
    },
  };
}

/** Undoes what a failed test may have left. */
export function restoreAll() {
  const vi = makeVi(() => {});
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

const HOOKS = ["beforeAll", "beforeEach", "afterEach", "afterAll"];

/** One test file's `vitest`, and what the file then defines: suites of hooks and entries. */
export function collector(resetModules) {
  const root = newSuite("");
  let current = root;

  const add = (make) => {
    const one = (name, ...rest) => make(name, rest);
    one.each =
      (table) =>
      (name, ...rest) => {
        const spread = table.every(Array.isArray);
        table.forEach((row, index) => {
          const args = spread ? row : [row];
          const bound = rest.map((item) => (typeof item === "function" ? () => item(...args) : item));
          make(`${name} [${index}]`, bound);
        });
      };
    return one;
  };
  const callback = (rest) => rest.find((item) => typeof item === "function");
  const it = add((name, rest) => current.entries.push({ name, run: callback(rest) }));
  const describe = add((name, rest) => {
    current.entries.push({ ...newSuite(name), define: callback(rest) });
  });
  const hooks = HOOKS.map((kind) => [kind, (hook) => current[kind].push(hook)]);
  const api = { it, test: it, describe, expect: makeExpect(), vi: makeVi(resetModules), ...Object.fromEntries(hooks) };

  /** Calls the suites' bodies, as vitest does once the file has been read to its end. */
  async function define(suite = root) {
    for (const entry of suite.entries) {
      if (!entry.define) continue;
      current = entry;
      await entry.define();
      await define(entry);
    }
    return root;
  }
  return { api, define };
}

function newSuite(name) {
  return { name, entries: [], ...Object.fromEntries(HOOKS.map((kind) => [kind, []])) };
}

export const requireBuiltin = createRequire(import.meta.url);
