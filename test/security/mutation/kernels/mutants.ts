// Which mutants there are, which of them a seed picks, and the bytes of one by its id.

import type { ModuleName } from "../../../../src/wasm/instantiate.ts";
import { Random } from "../../../support/random.ts";
import { type Operator, operators, replacementOf, type Site, variantsOf } from "./operators.ts";
import { type FunctionBody, leb, readModule, type WasmModule, withBody } from "./wasm.ts";

export type { ModuleName };

export interface Mutant {
  /** module:function:offset:operator:variant, the offset being the instruction's in the shipped file. */
  readonly id: string;
  readonly module: ModuleName;
  readonly functionIndex: number;
  readonly operator: Operator;
  /** The instruction as it is. */
  readonly instruction: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const sitesOf = (module: WasmModule, body: FunctionBody): Site[] =>
  body.instructions.map((instruction, i) => ({ module, body, instruction, next: body.instructions[i + 1] }));

const operatorsOn = (site: Site): Operator[] => operators.filter((operator) => variantsOf(site, operator).length > 0);

function mutantOf(name: ModuleName, site: Site, operator: Operator, variant: string): Mutant {
  const { module, body, instruction } = site;
  const { bytes, localsOfType } = replacementOf(site, operator, variant);
  const before = [...module.bytes.subarray(body.start, instruction.start)];
  const after = module.bytes.subarray(instruction.end, body.end);
  const head = localsOfType === undefined ? before : withLocals(before, localsOfType);
  return {
    id: `${name}:${body.index}:0x${instruction.start.toString(16)}:${operator}:${variant}`,
    module: name,
    functionIndex: body.index,
    operator,
    instruction: instruction.name,
    bytes: withBody(module, body, [...head, ...bytes, ...after]),
  };
}

/** A body's beginning with one more group of two locals, behind all others. */
function withLocals(head: readonly number[], type: number): number[] {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = head[at++] as number;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  const groups = number();
  const groupsAt = at;
  for (let i = 0; i < groups; i++) {
    number();
    at++;
  }
  return [...leb(groups + 1), ...head.slice(groupsAt, at), 2, type, ...head.slice(at)];
}

/**
 * Picks mutants of a module: one in every function, then wherever chance falls, each instruction being as likely as
 * any other. One that does not validate, or is the module itself, is passed over.
 */
export function pickMutants(name: ModuleName, bytes: Uint8Array, count: number, seed: number): Mutant[] {
  const module = readModule(bytes);
  const random = new Random(seed);
  const sites = module.functions.map((body) => sitesOf(module, body).filter((site) => operatorsOn(site).length > 0));
  const all = sites.flat();
  const picked = new Map<string, Mutant>();
  const known = new Set([Buffer.from(bytes).toString("latin1")]);
  const pickFrom = (from: readonly Site[]): void => {
    const site = random.pick(from);
    const operator = random.pick(operatorsOn(site));
    const mutant = mutantOf(name, site, operator, random.pick(variantsOf(site, operator)));
    const text = Buffer.from(mutant.bytes).toString("latin1");
    if (known.has(text) || !WebAssembly.validate(mutant.bytes)) return;
    known.add(text);
    picked.set(mutant.id, mutant);
  };
  for (const some of sites) if (some.length > 0 && picked.size < count) pickFrom(some);
  while (picked.size < count) pickFrom(all);
  // In an order of chance, so that what has been run of them is a fair sample at any time.
  return [...picked.values()]
    .map((mutant) => ({ mutant, at: random.u32() }))
    .sort((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant);
}

/** The mutant of that id. */
export function mutantById(id: string, bytes: Uint8Array): Mutant {
  const [name, index, offset, operator, variant] = id.split(":");
  const module = readModule(bytes);
  const body = module.functions[Number(index)];
  const site = body && sitesOf(module, body).find(({ instruction }) => instruction.start === Number(offset));
  if (!site || variant === undefined) throw new Error(`no instruction at ${id}`);
  return mutantOf(name as ModuleName, site, operator as Operator, variant);
}
