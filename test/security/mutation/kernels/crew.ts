// The processes that run tests: each has a sandbox, takes one mutant at a time, and is replaced where a mutant never stops.

import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { makeSandbox } from "./sandbox.ts";
import type { Answer, Order, Setup } from "./worker.ts";

export interface Killed {
  readonly killed: "assertion" | "trap" | "timeout";
  readonly file: string;
  readonly test: string;
  readonly error: string;
}

export interface Verdict {
  /** `undefined` where every file passed. */
  readonly kill: Killed | undefined;
  /** Milliseconds of processor time that each file took. */
  readonly spent: ReadonlyMap<string, number>;
}

/** A trap, or a failure to start: the WebAssembly engine's verdict, not a test's. */
const isTrap = (error: string): boolean => /RuntimeError|CompileError|LinkError|could not be started/.test(error);

/**
 * Processor time that a process has had, in milliseconds: on a busy machine the clock says little. Where /proc is missing,
 * the clock it is.
 */
function processorTime(pid: number): number {
  try {
    const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const ticks = fields.split(" ").slice(11, 13).map(Number);
    return ((ticks[0] as number) + (ticks[1] as number)) * 10; // Linux counts hundredths of a second
  } catch {
    return performance.now();
  }
}

export class Seat {
  readonly #script: string;
  readonly #setup: Setup;
  #process: ChildProcess | undefined;

  /** @param script worker.ts as one script */
  constructor(root: string, at: number, script: string, shared: Omit<Setup, "sandbox">) {
    this.#script = script;
    const sandbox = makeSandbox(root, `sandbox-${at}`);
    mkdirSync(`${sandbox}/test`);
    symlinkSync(`${root}/test/vectors`, `${sandbox}/test/vectors`);
    this.#setup = { ...shared, sandbox };
  }

  #start(): ChildProcess {
    const started = fork(this.#script, { serialization: "advanced", execArgv: [], stdio: "ignore" });
    started.send(this.#setup);
    this.#process = started;
    return started;
  }

  /** @param limit how many milliseconds of processor time a file may take */
  run(order: Order, limit: (file: string) => number): Promise<Verdict> {
    const worker = this.#process ?? this.#start();
    const spent = new Map<string, number>();
    return new Promise((resolve) => {
      let current = "";
      let since = 0;
      const end = (kill: Killed | undefined): void => {
        clearInterval(watch);
        worker.off("message", listen);
        worker.off("exit", died);
        resolve({ kill, spent });
      };
      const watch = setInterval(() => {
        if (current === "" || processorTime(worker.pid as number) - since < limit(current)) return;
        this.close();
        spent.set(current, limit(current));
        end({ killed: "timeout", file: current, test: "", error: "" });
      }, 200);
      const listen = (answer: Answer): void => {
        if (answer.kind === "begin") {
          current = answer.file;
          since = processorTime(worker.pid as number);
          return;
        }
        if (answer.kind === "survived") {
          end(undefined);
          return;
        }
        const { kind, file, milliseconds } = answer;
        spent.set(file, milliseconds);
        if (kind === "killed")
          end({ killed: isTrap(answer.error) ? "trap" : "assertion", file, test: answer.test, error: answer.error });
      };
      // By an error outside any test, as in a promise that nobody waits for: vitest calls that a failure too.
      const died = (): void => {
        this.#process = undefined;
        end({ killed: "assertion", file: current, test: "", error: "an error outside any test" });
      };
      worker.on("message", listen);
      worker.on("exit", died);
      worker.send(order);
    });
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
  }
}
