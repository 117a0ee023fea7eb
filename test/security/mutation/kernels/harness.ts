// vitest's own runner and assertions without vitest around them: a test file runs in this thread, up to its first failure,
// in the milliseconds its tests take.

import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  customMatchers,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";
import * as runner from "@vitest/runner";
import * as spy from "@vitest/spy";

const globals = globalThis as unknown as Record<symbol, object>;

function makeExpect(): object {
  for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
  const call = (value: unknown, message?: string) => chai.expect(value, message);
  const expect = Object.assign(call, chai.expect, globals[ASYMMETRIC_MATCHERS_OBJECT], {
    unreachable: (message?: string) => chai.assert.fail(message ?? "not to be reached"),
  });
  globals[GLOBAL_EXPECT] = expect;
  setState({ assertionCalls: 0 }, expect as never);
  (chai.expect as unknown as { extend(target: object, matchers: object): void }).extend(expect, customMatchers);
  return expect;
}

const realNow = Date.now;
const setSystemTime = (now: number): void => {
  Date.now = () => now;
};

/** What the test files of the kernels import from vitest. */
export const vitest = {
  expect: makeExpect(),
  describe: runner.describe,
  it: runner.it,
  test: runner.test,
  beforeAll: runner.beforeAll,
  beforeEach: runner.beforeEach,
  afterAll: runner.afterAll,
  afterEach: runner.afterEach,
  vi: {
    fn: spy.fn,
    spyOn: spy.spyOn,
    restoreAllMocks: spy.restoreAllMocks,
    useFakeTimers: ({ now }: { now: number }) => setSystemTime(now),
    setSystemTime,
    useRealTimers: () => {
      Date.now = realNow;
    },
  },
};

export interface Failure {
  /** The test that failed, or the file where it could not be read. */
  readonly test: string;
  readonly error: string;
}

/**
 * Runs one test file.
 *
 * @param load evaluates it
 * @returns the first failure, `undefined` where all is well
 */
export async function runFile(file: string, load: () => void): Promise<Failure | undefined> {
  let failed = false;
  const one: runner.VitestRunner = {
    config: {
      root: "/",
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: undefined,
      allowOnly: false,
      sequence: { seed: 1, hooks: "stack", setupFiles: "list" },
      maxConcurrency: 1,
      testTimeout: 1e9,
      hookTimeout: 1e9,
      retry: 0,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
      diffOptions: { truncateThreshold: 1, maxDepth: 1 },
    } as unknown as runner.VitestRunner["config"],
    importFile: load,
    onBeforeRunTask(test) {
      if (failed) test.mode = "skip";
    },
    onAfterRunTask(test) {
      failed ||= test.result?.state === "fail";
    },
  };
  const [task] = await runner.startTests([file], one);
  vitest.vi.useRealTimers();
  spy.restoreAllMocks();
  return task && firstFailure(task, file);
}

function firstFailure(task: runner.Task, file: string): Failure | undefined {
  if (task.type === "suite") {
    for (const child of task.tasks) {
      const failure = firstFailure(child, file);
      if (failure) return failure;
    }
  }
  if (task.result?.state !== "fail") return undefined;
  const error = task.result.errors?.[0];
  return { test: task.name || file, error: `${error?.name}: ${error?.message}`.slice(0, 300) };
}
