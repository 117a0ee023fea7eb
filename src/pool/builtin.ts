interface NodeProcess {
  /** Node since 20.16 and 22.3, Deno, Bun. */
  readonly getBuiltinModule?: unknown;
  /** In Electron: a renderer has Web Workers, and no worker_threads. */
  readonly type?: unknown;
}

/**
 * A built-in module of Node, or of an engine that has Node's (Bun, Deno); `undefined` in browsers. Bundlers see no
 * import, and do not look for the module where there is none.
 *
 * @param name with `node:` before it
 */
export function builtin<Module>(name: string): Module | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  if (typeof process?.getBuiltinModule !== "function" || process.type === "renderer") return undefined;
  return process.getBuiltinModule(name) as Module | undefined;
}
