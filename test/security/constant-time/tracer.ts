// Runs an instrumented module. What it reports is hashed in WebAssembly while it runs, which costs little; to find where
// two runs part, the same calls are made again on an instance that keeps every event.

import binaryen from "binaryen";
import type { Instrumented } from "./instrument.ts";

export type Exports = Readonly<Record<string, (...operands: (number | bigint)[]) => number>>;

export interface Instance {
  readonly exports: Exports;
  readonly memory: Uint8Array;
}

export interface Trace {
  readonly hash: bigint;
  readonly events: number;
}

/** 64 bits over all events in order, and their number. */
const TRACER = `(module
  (global $hash (mut i64) (i64.const 0))
  (global $events (mut i32) (i32.const 0))
  (func $mix (param $site i32) (param $value i64)
    (local $next i64)
    (global.set $events (i32.add (global.get $events) (i32.const 1)))
    (local.set $next
      (i64.add
        (i64.mul
          (i64.xor (global.get $hash) (local.get $value))
          (i64.const 0x9e3779b97f4a7c15))
        (i64.extend_i32_u (local.get $site))))
    (global.set $hash (i64.xor (local.get $next) (i64.shr_u (local.get $next) (i64.const 29)))))
  (func (export "reset") (global.set $hash (i64.const 0)) (global.set $events (i32.const 0)))
  (func (export "hash") (result i64) (global.get $hash))
  (func (export "events") (result i32) (global.get $events))
  (func (export "condition") (param i32 i32) (result i32)
    (call $mix (local.get 0) (i64.extend_i32_u (i32.ne (local.get 1) (i32.const 0)))) (local.get 1))
  (func (export "operand") (param i32 i32) (result i32)
    (call $mix (local.get 0) (i64.extend_i32_u (local.get 1))) (local.get 1))
  (func (export "operand64") (param i32 i64) (result i64)
    (call $mix (local.get 0) (local.get 1)) (local.get 1))
  (func (export "log_execution") (param i32) (call $mix (local.get 0) (i64.const -1)))
  (func (export "load_ptr") (param i32 i32 i32 i32) (result i32)
    (call $mix (local.get 0) (i64.extend_i32_u (local.get 3))) (local.get 3))
  (func (export "store_ptr") (param i32 i32 i32 i32) (result i32)
    (call $mix (local.get 0) (i64.extend_i32_u (local.get 3))) (local.get 3))
  (func (export "memory_grow_pre") (param i32 i32) (result i32) (local.get 1))
  (func (export "memory_grow_post") (param i32 i32) (result i32) (local.get 1))
  (func (export "load_val_i32") (export "store_val_i32") (param i32 i32) (result i32) (local.get 1))
  (func (export "load_val_i64") (export "store_val_i64") (param i32 i64) (result i64) (local.get 1))
  (func (export "load_val_f32") (export "store_val_f32") (param i32 f32) (result f32) (local.get 1))
  (func (export "load_val_f64") (export "store_val_f64") (param i32 f64) (result f64) (local.get 1)))`;

function assemble(text: string): WebAssembly.Module {
  const parsed = binaryen.parseText(text);
  const wasm = Uint8Array.from(parsed.emitBinary());
  parsed.dispose();
  return new WebAssembly.Module(wasm);
}

const tracer = assemble(TRACER);

function instantiate(module: WebAssembly.Module, reports: WebAssembly.ModuleImports): Instance {
  const { exports } = new WebAssembly.Instance(module, { trace: reports, env: reports });
  const memory = exports["memory"];
  if (!(memory instanceof WebAssembly.Memory)) throw new Error("the module exports no memory");
  return { exports: exports as unknown as Exports, memory: new Uint8Array(memory.buffer) };
}

interface Event {
  readonly place: string;
  readonly value: number | bigint;
}

/** Everything a call reports, in order. */
class Recording {
  readonly events: Event[] = [];
  /** Numbers of the sites that reported. */
  readonly seen = new Set<number>();
  readonly #sites: Instrumented["sites"];
  on = false;

  constructor(sites: Instrumented["sites"]) {
    this.#sites = sites;
  }

  reports(): WebAssembly.ModuleImports {
    const second = (_: number, value: unknown): unknown => value;
    const at = (site: number): string => `${this.#sites[site]?.function}: ${this.#sites[site]?.operand}`;
    const keep = <Value extends number | bigint>(place: () => string, value: Value): void => {
      if (this.on) this.events.push({ place: place(), value });
    };
    const site = <Value extends number | bigint>(index: number, value: Value): void => {
      this.seen.add(index);
      keep(() => at(index), value);
    };
    const address = (kind: string) => (id: number, _bytes: number, _offset: number, pointer: number) => {
      keep(() => `instrument-memory, ${kind} ${id}`, pointer);
      return pointer;
    };
    const values = ["i32", "i64", "f32", "f64"].flatMap((type) => [`load_val_${type}`, `store_val_${type}`]);
    return {
      ...Object.fromEntries([...values, "memory_grow_pre", "memory_grow_post"].map((name) => [name, second])),
      condition: (index: number, value: number) => {
        site(index, value === 0 ? 0 : 1);
        return value;
      },
      operand: (index: number, value: number) => {
        site(index, value);
        return value;
      },
      operand64: (index: number, value: bigint) => {
        site(index, value);
        return value;
      },
      log_execution: (id: number) => keep(() => `log-execution, place ${id}`, 0),
      load_ptr: address("load"),
      store_ptr: address("store"),
    };
  }
}

/** A call, made ready: its inputs stand in memory. */
export type Prepared = () => unknown;
/** Makes a call ready on an instance. */
export type Prepare = (instance: Instance) => Prepared;

export class Traced {
  readonly #instrumented: Instrumented;
  readonly #hashing: Instance;
  readonly #hash: Exports;
  readonly #recording: Recording;
  readonly #recorded: Instance;

  /** @param warmUp what is done once, before anything is traced */
  constructor(instrumented: Instrumented, warmUp: (instance: Instance) => void = () => {}) {
    this.#instrumented = instrumented;
    const module = new WebAssembly.Module(instrumented.wasm);
    const hash = new WebAssembly.Instance(tracer).exports;
    this.#hash = hash as unknown as Exports;
    this.#hashing = instantiate(module, hash as WebAssembly.ModuleImports);
    this.#recording = new Recording(instrumented.sites);
    this.#recorded = instantiate(module, this.#recording.reports());
    warmUp(this.#hashing);
    warmUp(this.#recorded);
  }

  /** Hash and number of the events of a call, and what it returned. */
  trace(prepare: Prepare): Trace & { readonly result: unknown } {
    const call = prepare(this.#hashing);
    const { reset, hash, events } = this.#hash;
    reset?.();
    const result = call();
    return { hash: BigInt(hash?.() ?? 0), events: events?.() ?? 0, result };
  }

  /** Whether two calls find different bytes in memory. */
  differ(one: Prepare, other: Prepare): boolean {
    one(this.#hashing);
    const before = this.#hashing.memory.slice();
    other(this.#hashing);
    return Buffer.compare(before, this.#hashing.memory) !== 0;
  }

  /** Runs a call only to learn which sites it reaches. */
  visit(prepare: Prepare): void {
    prepare(this.#recorded)();
  }

  /** Sites that nothing has reached. */
  unreached(): string[] {
    const { sites } = this.#instrumented;
    return sites.filter((_, i) => !this.#recording.seen.has(i)).map((site) => `${site.function}: ${site.operand}`);
  }

  #record(prepare: Prepare): Event[] {
    const call = prepare(this.#recorded);
    this.#recording.events.length = 0;
    this.#recording.on = true;
    call();
    this.#recording.on = false;
    return this.#recording.events.slice();
  }

  /** Where the traces of two calls part; undefined where they do not. */
  firstDifference(one: Prepare, other: Prepare): string | undefined {
    const [a, b] = [this.#record(one), this.#record(other)];
    const at = a.findIndex((event, i) => event.place !== b[i]?.place || event.value !== b[i]?.value);
    if (at < 0) return a.length === b.length ? undefined : "one trace goes on where the other ends";
    return `${a[at]?.place} (event ${at}: ${a[at]?.value}, the other ${b[at]?.place} ${b[at]?.value})`;
  }
}
