/** Copies of what is kept of a window's packets that were opened. */
export interface OpenedWindow {
  /** End to end, laid out by the KEPT_ offsets in the module's memory map. */
  readonly records: Uint8Array;
  /** Where each packet's record begins; means nothing for one that was not opened. */
  readonly starts: Uint32Array;
}

/**
 * Verifies a window under more keys than there are slots: they take turns.
 *
 * @param open tries the keys from `from` up to `to`, and writes a status per packet
 * @param notGenuine the status of what the next keys are tried on
 */
export function openInTurns(
  keys: number,
  slots: number,
  statuses: Uint8Array,
  notGenuine: number,
  open: (from: number, to: number, statuses: Uint8Array) => OpenedWindow | undefined,
): OpenedWindow | undefined {
  let opened = open(0, Math.min(slots, keys), statuses);
  for (let from = slots; from < keys && statuses.includes(notGenuine); from += slots) {
    const found = new Uint8Array(statuses.length);
    const more = open(from, Math.min(from + slots, keys), found);
    const isNew = (i: number): boolean => statuses[i] === notGenuine && found[i] !== notGenuine;
    if (more) opened = joined(opened, more, isNew);
    for (let i = 0; i < found.length; i++) if (isNew(i)) statuses[i] = found[i] as number;
  }
  return opened;
}

/**
 * Adds to the place of each record's key among those tried that of the first of them among all.
 *
 * @param hasRecord whether a packet of this status has a record
 * @param offset of that place, a u32, in a record
 */
export function countFrom(
  first: number,
  { records, starts }: OpenedWindow,
  statuses: Uint8Array,
  hasRecord: (status: number) => boolean,
  offset: number,
): void {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  for (let i = 0; i < statuses.length; i++) {
    if (!hasRecord(statuses[i] as number)) continue;
    const at = (starts[i] as number) + offset;
    view.setUint32(at, view.getUint32(at, true) + first, true);
  }
}

/** The records of both, of a packet that is new those of the second. */
function joined(
  first: OpenedWindow | undefined,
  second: OpenedWindow,
  isNew: (index: number) => boolean,
): OpenedWindow {
  if (!first) return second;
  const at = first.records.length;
  const records = new Uint8Array(at + second.records.length);
  records.set(first.records);
  records.set(second.records, at);
  const starts = first.starts.map((start, i) => (isNew(i) ? at + (second.starts[i] as number) : start));
  first.records.fill(0);
  second.records.fill(0);
  return { records, starts };
}
