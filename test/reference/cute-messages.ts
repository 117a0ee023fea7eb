// The receiver of Cute's message layer as plainly as can be: every fragment is kept for ever, and nothing has a bound.

interface Fields {
  readonly ackSequence: number;
  readonly reliable: boolean;
  readonly sequence: number;
  readonly count: number;
  readonly index: number;
  readonly part: Uint8Array;
}

const u16 = (data: Uint8Array, at: number): number => (data[at] ?? 0) + 256 * (data[at + 1] ?? 0);

/** The fields of a packet's data, or undefined where they contradict each other. */
function fieldsOf(data: Uint8Array): Fields | "ack alone" | undefined {
  if (data.length < 17 || (data[8] as number) > 1 || u16(data, 15) !== data.length - 17) return undefined;
  const [sequence, count, index, part] = [u16(data, 9), u16(data, 11), u16(data, 13), data.slice(17)];
  if (part.length > 1100) return undefined;
  const isAck = [data[8], sequence, count, index, part.length].join() === "0,0,0,1,0";
  if (isAck) return "ack alone";
  if (index >= count || (index + 1 < count && part.length !== 1100)) return undefined;
  return { ackSequence: u16(data, 0), reliable: data[8] === 1, sequence, count, index, part };
}

/** What a receiver delivers, as long as fewer than 30,000 messages and packets of either kind come. */
export class MessageTwin {
  readonly delivered: { readonly reliable: boolean; readonly data: Uint8Array }[] = [];
  readonly #maxMessageBytes: number;
  readonly #begun = new Map<string, (Uint8Array | undefined)[]>();
  #newest: number | undefined;
  #expected = 0;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  receive(data: Uint8Array): void {
    const fields = fieldsOf(data);
    if (fields === undefined) return;
    const behind = this.#newest === undefined ? 0 : (65_536 + this.#newest - u16(data, 0)) % 65_536;
    if (behind > 1024 && behind < 32_768) return;
    if (fields !== "ack alone" && !this.#isTaken(fields)) return;
    if (this.#newest === undefined || behind >= 32_768) this.#newest = u16(data, 0);
    if (fields !== "ack alone") this.#take(fields);
  }

  #isTaken({ reliable, sequence, count, index, part }: Fields): boolean {
    if ((count - 1) * 1100 + (index + 1 === count ? part.length : 0) > this.#maxMessageBytes) return false;
    const ahead = (65_536 + sequence - this.#expected) % 65_536;
    if (reliable && ahead >= 32_768) return true;
    if (reliable && ahead > 2048) return false;
    const known = this.#begun.get(`${reliable} ${sequence}`);
    return known === undefined || known.length === count;
  }

  #take({ reliable, sequence, count, index, part }: Fields): void {
    if (reliable && (65_536 + sequence - this.#expected) % 65_536 >= 32_768) return;
    const name = `${reliable} ${sequence}`;
    const pieces = this.#begun.get(name) ?? new Array<Uint8Array | undefined>(count).fill(undefined);
    this.#begun.set(name, pieces);
    pieces[index] ??= part;
    if (!reliable) this.#deliver(name, false);
    else while (this.#deliver(`true ${this.#expected}`, true)) this.#expected = (this.#expected + 1) % 65_536;
  }

  #deliver(name: string, reliable: boolean): boolean {
    const pieces = this.#begun.get(name);
    if (pieces === undefined || pieces.includes(undefined)) return false;
    this.#begun.delete(name);
    this.delivered.push({ reliable, data: new Uint8Array(Buffer.concat(pieces as Uint8Array[])) });
    return true;
  }
}
