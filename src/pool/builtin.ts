interface NodeProcess {
  readonly versions?: { readonly node?: unknown };
  /** In Electron: a renderer has Web Workers, and no worker_threads. */
  readonly type?: unknown;
}

/**
 * A built-in module of Node, or of an engine that has Node's (Bun, Deno); `undefined` in browsers.
 *
 * @param name with `node:` before it
 */
export function builtin<Module>(name: string): Promise<Module> | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  if (typeof process?.versions?.node !== "string" || process.type === "renderer") return undefined;
  // By a name that bundlers cannot read: they would look for the module where there is none.
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<Module>;
}
