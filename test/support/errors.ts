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

/** Holds `run` to the package's one error, with this code, argument and a message that names the argument. */
export function expectError(run: () => unknown, code: ErrorCode, argument: string): ConnectTokensError {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(ConnectTokensError);
  const { code: foundCode, argument: foundArgument, message, name } = error as ConnectTokensError;
  expect({ code: foundCode, argument: foundArgument, name }).toEqual({ code, argument, name: "ConnectTokensError" });
  if (argument !== "this") expect(message).toContain(argument);
  return error as ConnectTokensError;
}
