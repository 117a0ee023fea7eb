import { afterEach, describe, expect, it, vi } from "vitest";
import { CutePool } from "../../../dist/src/cute/pool.js";
import { same } from "../../support/bytes.ts";
import { hydrogen, NOW, nativeOf, xchacha } from "../../support/cute.ts";
import { expectRejection, genuinePackets, poolOf, restoreWorkers, watchWorkers } from "../../support/pool.ts";
import { Random } from "../../support/random.ts";

// T10 in the thread that makes a pool: every copy of a secret that the package has made is wiped when it has served.

const [genuine] = genuinePackets(xchacha, 2, 1, new Random(71)) as [Uint8Array];
const { secret, applicationId } = nativeOf(xchacha, 2);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  restoreWorkers();
});

/** The copies of a secret that are made from here on, however they are made. */
function copiesOf(wanted: Uint8Array): Uint8Array[] {
  const copies: Uint8Array[] = [];
  const note = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
    if (same(bytes, wanted)) copies.push(bytes);
    return bytes;
  };
  const { slice } = Uint8Array.prototype;
  const { from } = Uint8Array;
  vi.spyOn(Uint8Array.prototype, "slice").mockImplementation(function (this: Uint8Array, ...range) {
    return note(slice.apply(this, range) as Uint8Array<ArrayBuffer>);
  });
  vi.spyOn(Uint8Array, "from").mockImplementation((...args: unknown[]) =>
    note(Reflect.apply(from, Uint8Array, args) as Uint8Array<ArrayBuffer>),
  );
  return copies;
}

/** Also of what was transferred, which has no length any more. */
const isWiped = (bytes: Uint8Array): boolean => bytes.length === 0 || bytes.every((byte) => byte === 0);
const left = (copies: readonly Uint8Array[]): number => copies.filter((copy) => !isWiped(copy)).length;

describe("a pool's own copies of its secrets", () => {
  it("are one until it closes, and none afterwards", async () => {
    const copies = copiesOf(secret);
    const pool = poolOf(xchacha, 2);
    expect(copies.length).toBeGreaterThan(1);
    expect(left(copies)).toBe(1);
    expect((await pool.verify(genuine, { now: NOW })).valid).toBe(true);
    expect(left(copies)).toBe(1);
    await pool.close();
    expect(left(copies)).toBe(0);
    expect(isWiped(secret)).toBe(false); // the caller's
  });

  it("are none after a close where no worker could be started", async () => {
    watchWorkers((worker) => void worker.terminate());
    const copies = copiesOf(secret);
    const pool = poolOf(xchacha, 2);
    await expectRejection(pool.ready(), "ERR_START", "worker");
    expect(left(copies)).toBe(1);
    await pool.close();
    expect(left(copies)).toBe(0);
  });

  it("are none where the constructor throws", () => {
    const signing = nativeOf(hydrogen, 2);
    const spoilt = signing.secret.slice();
    spoilt[40] = (spoilt[40] as number) ^ 1;
    const copies = copiesOf(signing.secret);
    const make = (options: object) => () =>
      new CutePool({ applicationId: signing.applicationId, secret: signing.secret, ...options });
    expect(make({ secret: [signing.secret, spoilt] })).toThrow("public half");
    expect(copies.length).toBeGreaterThan(1);
    for (const options of [{ threads: 0 }, { worker: 1 }]) expect(make(options)).toThrow(Object.keys(options)[0]);
    expect(left(copies)).toBe(0);
  });
});

describe.each(["shared memory", "no shared memory"])("the copies that workers are sent, with %s", (way) => {
  /** What is sent, as the pool still sees it; what was transferred is not here any more. */
  function sent(post: Parameters<typeof watchWorkers>[0]): Uint8Array[] {
    if (way === "no shared memory") vi.stubGlobal("SharedArrayBuffer", undefined);
    const found: Uint8Array[] = [];
    watchWorkers((worker, message, deliver) => {
      for (const buffer of message.secrets ?? []) {
        const bytes = new Uint8Array(buffer);
        expect(same(bytes, secret)).toBe(true);
        found.push(bytes);
      }
      post(worker, message, deliver);
    });
    return found;
  }

  it("are wiped once the workers have read them", async () => {
    const copies = sent((_, __, deliver) => deliver());
    const pool = poolOf(xchacha, 2);
    await pool.ready();
    expect([copies.length, left(copies)]).toEqual([2, 0]);
    await pool.close();
  });

  it("are wiped where a worker ends before it has read them", async () => {
    const copies = sent((worker) => void worker.terminate());
    const pool = poolOf(xchacha, 2);
    await expectRejection(pool.ready(), "ERR_START", "worker");
    expect([copies.length, left(copies)]).toEqual([6, 0]);
    await pool.close();
  });

  it("are wiped where they cannot be posted, with the module or without; the worker is ended", async () => {
    let posted = 0;
    const copies = sent(() => {
      posted++;
      throw new Error("cannot be cloned");
    });
    const pool = poolOf(xchacha, 2);
    const error = await expectRejection(pool.ready(), "ERR_START", "worker");
    expect(error.message).toContain("cannot be cloned");
    expect([posted, left(copies)]).toEqual([12, 0]);
    await pool.close();
  });

  it("reach workers of an engine that cannot post a module, and are wiped", async () => {
    const copies = sent((_, message, deliver) => {
      if (message.module) throw new Error("cannot be cloned");
      deliver();
    });
    const pool = poolOf(xchacha, 2);
    expect((await pool.verify(genuine, { now: NOW })).valid).toBe(true);
    await pool.ready();
    expect(left(copies)).toBe(0);
    await pool.close();
  });

  it("are sent anew, and wiped anew, for a worker that takes an ended one's place", async () => {
    const copies = sent((worker, message, deliver) => {
      deliver();
      if (message.kind === "work" && copies.length === 1) void worker.terminate();
    });
    const pool = new CutePool({ suite: "xchacha20poly1305", secret, applicationId, threads: 1 });
    expect((await pool.verify(genuine, { now: NOW })).valid).toBe(true);
    expect([copies.length, left(copies)]).toEqual([2, 0]);
    await pool.close();
  });
});
