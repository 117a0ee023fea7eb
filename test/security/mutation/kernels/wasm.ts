// As much of the WebAssembly binary format as mutating needs: the functions of a module, their instructions, and the module
// anew with one function body replaced.

import { type Immediate, opcodeOf } from "./opcodes.ts";

export interface Instruction {
  readonly name: string;
  readonly immediate: Immediate;
  /** Where it begins in the file, where its immediates do, and where it ends. */
  readonly start: number;
  readonly operandsAt: number;
  readonly end: number;
}

export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface FunctionBody {
  readonly index: number;
  readonly type: FunctionType;
  /** Where its size stands in the file, where its declarations of locals begin, and where it ends. */
  readonly sizeAt: number;
  readonly start: number;
  readonly end: number;
  /** Parameters and locals. */
  readonly localCount: number;
  readonly instructions: readonly Instruction[];
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly functions: readonly FunctionBody[];
  /** Where the code section's size stands, where its content begins, and where it ends. */
  readonly code: { readonly sizeAt: number; readonly start: number; readonly end: number };
}

const SECTION_TYPES = 1;
const SECTION_IMPORTS = 2;
const SECTION_FUNCTIONS = 3;
const SECTION_CODE = 10;

/** Reads on through bytes. */
export class Cursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error("the module ends too early");
    return byte;
  }

  /** LEB128, of either sign. */
  leb(signed = false): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte & 0x80) continue;
      return signed && byte & 0x40 ? value - (1n << shift) : value;
    }
  }

  number(): number {
    return Number(this.leb());
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.number() }, read);
  }
}

/** LEB128 of an unsigned number. */
export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(Math.floor(value / 128))];
}

/** Signed LEB128. */
export function signedLeb(value: bigint): number[] {
  if (value >= -64n && value < 64n) return [Number(value & 0x7fn)];
  return [Number(value & 0x7fn) | 0x80, ...signedLeb(value >> 7n)];
}

export function readModule(bytes: Uint8Array): WasmModule {
  const cursor = new Cursor(bytes, 8);
  let types: FunctionType[] = [];
  let typeOf: number[] = [];
  while (cursor.at < bytes.length) {
    const section = cursor.byte();
    const sizeAt = cursor.at;
    const size = cursor.number();
    const start = cursor.at;
    const end = start + size;
    if (section === SECTION_IMPORTS) throw new Error("the kernels import nothing");
    if (section === SECTION_TYPES) types = cursor.list(() => readType(cursor));
    if (section === SECTION_FUNCTIONS) typeOf = cursor.list(() => cursor.number());
    if (section === SECTION_CODE) {
      let index = 0;
      const functions = cursor.list(() => readBody(cursor, index, types[typeOf[index++] as number] as FunctionType));
      return { bytes, types, functions, code: { sizeAt, start, end } };
    }
    cursor.at = end;
  }
  throw new Error("a module without code");
}

function readType(cursor: Cursor): FunctionType {
  cursor.byte();
  return { parameters: cursor.list(() => cursor.byte()), results: cursor.list(() => cursor.byte()) };
}

function readBody(cursor: Cursor, index: number, type: FunctionType): FunctionBody {
  const sizeAt = cursor.at;
  const size = cursor.number();
  const start = cursor.at;
  const end = start + size;
  let localCount = type.parameters.length;
  cursor.list(() => {
    localCount += cursor.number();
    cursor.byte();
  });
  const instructions: Instruction[] = [];
  while (cursor.at < end) instructions.push(readInstruction(cursor));
  if (cursor.at !== end) throw new Error(`function ${index} does not end where it should`);
  return { index, type, sizeAt, start, end, localCount, instructions };
}

function readInstruction(cursor: Cursor): Instruction {
  const start = cursor.at;
  let number = cursor.byte();
  if (number >= 0xfc) number = (number << 16) | cursor.number();
  const { name, immediate } = opcodeOf(number);
  const operandsAt = cursor.at;
  skipImmediate(cursor, name, immediate);
  return { name, immediate, start, operandsAt, end: cursor.at };
}

function skipImmediate(cursor: Cursor, name: string, immediate: Immediate): void {
  if (name === "memory.fill") cursor.at += 1;
  else if (name === "memory.copy") cursor.at += 2;
  else if (immediate === "table") {
    cursor.list(() => cursor.number());
    cursor.number();
  } else if (immediate === "memory" || immediate === "memory-lane") {
    cursor.number();
    cursor.number();
    if (immediate === "memory-lane") cursor.byte();
  } else if (immediate === "bytes") cursor.at += 16;
  else if (immediate === "lane") cursor.at += 1;
  else if (immediate !== "none") cursor.leb(); // a block's type is one byte here, or a signed index
}

/** The module with the bytes of one function body, declarations of locals included, replaced. */
export function withBody(
  module: WasmModule,
  body: FunctionBody,
  replacement: readonly number[],
): Uint8Array<ArrayBuffer> {
  const { bytes, code } = module;
  const newBody = [...leb(replacement.length), ...replacement];
  const codeLength = code.end - code.start - (body.end - body.sizeAt) + newBody.length;
  return Uint8Array.from([
    ...bytes.subarray(0, code.sizeAt),
    ...leb(codeLength),
    ...bytes.subarray(code.start, body.sizeAt),
    ...newBody,
    ...bytes.subarray(body.end),
  ]);
}
