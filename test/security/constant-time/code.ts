// Reads a module's code section: which instruction stands where. Refuses what it does not know.

/** How many numbers follow opcodes of a range. */
const SCALAR: readonly (readonly [number, number, number])[] = [
  [0x00, 0x01, 0],
  [0x02, 0x04, 1],
  [0x05, 0x05, 0],
  [0x0b, 0x0b, 0],
  [0x0c, 0x0d, 1],
  [0x0f, 0x0f, 0],
  [0x10, 0x10, 1],
  [0x1a, 0x1b, 0],
  [0x20, 0x24, 1],
  [0x28, 0x3e, 2],
  [0x3f, 0x42, 1],
  [0x45, 0xc4, 0],
];
/** And behind 0xfc. */
const BULK = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1];

export interface Instruction {
  /** Number of the function, imported ones left out. */
  readonly function: number;
  readonly offset: number;
  readonly opcode: number;
}

export class CodeReader {
  readonly #wasm: Uint8Array;
  #at = 8;

  constructor(wasm: Uint8Array) {
    this.#wasm = wasm;
  }

  instructions(): Instruction[] {
    const found: Instruction[] = [];
    while (this.#at < this.#wasm.length) {
      const section = this.#byte();
      const end = this.#number() + this.#at;
      if (section === 10) {
        const count = this.#number();
        for (let index = 0; index < count; index++) this.#function(index, found);
      }
      this.#at = end;
    }
    return found;
  }

  #byte(): number {
    return this.#wasm[this.#at++] ?? 0;
  }

  /** LEB128, of which the lower 32 bits. */
  #number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  }

  #numbers(count: number): void {
    if (Number.isNaN(count)) throw new Error(`at ${this.#at}: an opcode that is not known`);
    for (let i = 0; i < count; i++) this.#number();
  }

  #function(index: number, found: Instruction[]): void {
    const end = this.#number() + this.#at;
    for (let groups = this.#number(); groups > 0; groups--) this.#numbers(2);
    while (this.#at < end) {
      const offset = this.#at;
      const opcode = this.#byte();
      this.#immediates(opcode);
      found.push({ function: index, offset, opcode });
    }
    if (this.#at !== end) throw new Error(`function ${index} was misread`);
  }

  /** Skips what follows an opcode. */
  #immediates(opcode: number): void {
    if (opcode === 0x0e) this.#numbers(this.#number() + 1);
    else if (opcode === 0x1c) this.#numbers(this.#number());
    else if (opcode === 0xfc) this.#numbers(BULK[this.#number()] ?? Number.NaN);
    else if (opcode === 0xfd) this.#vector(this.#number());
    else this.#numbers(SCALAR.find(([from, to]) => opcode >= from && opcode <= to)?.[2] ?? Number.NaN);
  }

  #vector(opcode: number): void {
    const isLane = opcode >= 84 && opcode <= 91;
    if (opcode <= 11 || isLane || opcode === 92 || opcode === 93) this.#numbers(2);
    if (opcode === 12 || opcode === 13) this.#at += 16;
    if ((opcode >= 21 && opcode <= 34) || isLane) this.#at += 1;
  }
}
