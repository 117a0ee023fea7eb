import { expect } from "vitest";
import { ConnectTokensError, type ErrorCode } from "../../src/errors.ts";

/** What `run` throws; fails where it throws nothing. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** A message says which argument is at fault, and what it must be or what is wrong with it. */
export function expectTelling({ code, argument, message }: ConnectTokensError): void {
  if (!["ERR_TYPE", "ERR_RANGE", "ERR_FORMAT", "ERR_DISPOSED"].includes(code)) {
    expect(message).toContain(argument);
    return;
  }
  expect(message.startsWith(`${argument} `)).toBe(true);
  const told = message.slice(argument.length + 1);
  expect(told).toMatch(/^[\w-]+ [^\s,]/);
  expect(told).not.toMatch(/^must be (,|$)/);
  if (code === "ERR_TYPE") expect(told).toMatch(/, got \S/);
}

/** Holds `run` to the package's one error, with this code, argument and a message that names the argument. */
export function expectError(run: () => unknown, code: ErrorCode, argument: string): ConnectTokensError {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(ConnectTokensError);
  const { code: foundCode, argument: foundArgument, name } = error as ConnectTokensError;
  expect({ code: foundCode, argument: foundArgument, name }).toEqual({ code, argument, name: "ConnectTokensError" });
  expectTelling(error as ConnectTokensError);
  return error as ConnectTokensError;
}
