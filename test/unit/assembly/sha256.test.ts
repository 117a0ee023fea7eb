import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { HMAC_ARENA, HMAC_ARENA_BYTES, HMAC_STREAM, HMAC_STREAM_BYTES } from "../../../assembly/memory/hmac.ts";
import { sha256 } from "../../reference/sha256.ts";
import { bytesOf, cavp, changingOnly, expectWiped, field, hmac, MEMORY_END, memory, read } from "./hmacModule.ts";

const OUT = HMAC_ARENA + 0xd0000;
const opensslHash = (message: Uint8Array): string => createHash("sha256").update(message).digest("hex");

function hash(message: Uint8Array, at = HMAC_ARENA): string {
  memory.set(message, at);
  hmac.sha256(at, message.length, OUT);
  return read(OUT, 32).toString("hex");
}

/** Hashes pieces one after the other, wherever they are cut. */
function hashPieces(pieces: readonly Uint8Array[]): string {
  hmac.sha256Start();
  for (const piece of pieces) {
    memory.set(piece, HMAC_ARENA);
    hmac.sha256Update(HMAC_ARENA, piece.length);
  }
  hmac.sha256Finish(OUT);
  return read(OUT, 32).toString("hex");
}

afterEach(expectWiped);

describe("CAVP", () => {
  for (const [file, cases] of [
    ["SHA256ShortMsg", 65],
    ["SHA256LongMsg", 64],
  ] as const) {
    it(file, () => {
      const groups = cavp(`cavp/${file}.rsp`).filter((group) => group.has("Len"));
      expect(groups.length).toBe(cases);
      for (const group of groups) {
        const message = Buffer.from(field(group, "Msg"), "hex").subarray(0, Number(field(group, "Len")) / 8);
        expect(hash(message)).toBe(field(group, "MD"));
        expect(hashPieces([message])).toBe(field(group, "MD"));
      }
    });
  }

  it("SHA256Monte", () => {
    const groups = cavp("cavp/SHA256Monte.rsp");
    let seed: Buffer = Buffer.from(
      field(groups.find((group) => group.has("Seed")) as Map<string, string>, "Seed"),
      "hex",
    );
    const checkpoints = groups.filter((group) => group.has("COUNT"));
    expect(checkpoints.length).toBe(100);
    for (const checkpoint of checkpoints) {
      // The last three digests end to end are the next message.
      let last = [seed, seed, seed];
      for (let i = 0; i < 1000; i++) {
        seed = Buffer.from(hash(Buffer.concat(last)), "hex");
        last = [last[1] as Buffer, last[2] as Buffer, seed];
      }
      expect(seed.toString("hex")).toBe(field(checkpoint, "MD"));
    }
  });
});

describe("one shot", () => {
  it("every length from 0 to 1100", () => {
    for (let length = 0; length <= 1100; length++) {
      const message = bytesOf(`length ${length}`, length);
      expect(hash(message)).toBe(opensslHash(message));
    }
  });

  it("around larger powers of two, and as long as the arena allows", () => {
    for (const length of [4095, 4096, 4097, 65535, 65536, 65537, 0xcffff, 0xd0000]) {
      const message = bytesOf("long", length);
      expect(hash(message)).toBe(opensslHash(message));
    }
  });

  it("the readable twin says the same", () => {
    for (let length = 0; length <= 200; length++) {
      const message = bytesOf(`twin ${length}`, length);
      expect(hash(message)).toBe(Buffer.from(sha256(message)).toString("hex"));
    }
  });

  it("at any address, up to the last byte of memory, with other bytes behind the message", () => {
    memory.fill(0xa5, HMAC_ARENA, HMAC_ARENA + 0x1000);
    for (let offset = 0; offset < 70; offset++) {
      const message = bytesOf("address", 60 + offset);
      expect(hash(message, HMAC_ARENA + offset)).toBe(opensslHash(message));
      for (const length of [offset, 64 + offset, 128 + offset]) {
        const last = bytesOf("end", length);
        expect(hash(last, MEMORY_END - length)).toBe(opensslHash(last));
      }
    }
  });

  it("changes its 32 bytes and nothing else, a stream under way included", () => {
    hmac.sha256Start();
    memory.set(Buffer.from("abc"), HMAC_ARENA);
    hmac.sha256Update(HMAC_ARENA, 3);
    for (const length of [0, 3, 55, 56, 64, 200]) {
      changingOnly([[OUT, 32]], () => hmac.sha256(HMAC_ARENA, length, OUT));
    }
    hmac.sha256Finish(OUT);
    expect(read(OUT, 32).toString("hex")).toBe(opensslHash(Buffer.from("abc")));
  });

  it("the digest may overwrite the message", () => {
    const message = bytesOf("in place", 100);
    memory.set(message, HMAC_ARENA);
    hmac.sha256(HMAC_ARENA, 100, HMAC_ARENA + 7);
    expect(read(HMAC_ARENA + 7, 32).toString("hex")).toBe(opensslHash(message));
  });
});

describe("stream", () => {
  it("every cut in two of up to 200 bytes", () => {
    const message = bytesOf("cut", 200);
    for (let length = 0; length <= 200; length++) {
      const right = opensslHash(message.subarray(0, length));
      for (let cut = 0; cut <= length; cut++) {
        if (hashPieces([message.subarray(0, cut), message.subarray(cut, length)]) !== right) {
          expect.fail(`${length} bytes cut at ${cut}`);
        }
      }
    }
  });

  it("many pieces of any size", () => {
    for (let round = 0; round < 100; round++) {
      const sizes = [...bytesOf(`sizes ${round}`, 20)].map((byte) => (byte < 40 ? 64 * (byte % 4) : byte));
      const pieces = sizes.map((size, i) => bytesOf(`piece ${round} ${i}`, size));
      expect(hashPieces(pieces)).toBe(opensslHash(Buffer.concat(pieces)));
    }
  });

  it("its region is the whole state: two streams may take turns", () => {
    const states = [new Uint8Array(HMAC_STREAM_BYTES), new Uint8Array(HMAC_STREAM_BYTES)];
    const turn = (i: number, call: () => void): void => {
      const state = states[i] as Uint8Array;
      memory.set(state, HMAC_STREAM);
      call();
      state.set(memory.subarray(HMAC_STREAM, HMAC_STREAM + HMAC_STREAM_BYTES));
      memory.fill(0, HMAC_STREAM, HMAC_STREAM + HMAC_STREAM_BYTES);
    };
    const messages = [bytesOf("first stream", 330), bytesOf("second stream", 330)];
    for (const i of [0, 1]) turn(i, () => hmac.sha256Start());
    for (let at = 0; at < 330; at += 33) {
      for (const i of [0, 1]) {
        memory.set((messages[i] as Buffer).subarray(at, at + 33), HMAC_ARENA);
        turn(i, () => hmac.sha256Update(HMAC_ARENA, 33));
        expectWiped();
      }
    }
    for (const i of [0, 1]) {
      turn(i, () => hmac.sha256Finish(OUT));
      expect(read(OUT, 32).toString("hex")).toBe(opensslHash(messages[i] as Buffer));
    }
  });

  it("changes the stream's region and nothing else", () => {
    // The last key slot ends where the stream begins.
    memory.fill(0xa5, HMAC_STREAM - 64, HMAC_STREAM);
    changingOnly([[HMAC_STREAM, HMAC_STREAM_BYTES]], () => {
      hmac.sha256Start();
      for (const length of [1, 63, 64, 65, 200, 0, 7]) hmac.sha256Update(HMAC_ARENA, length);
    });
    changingOnly(
      [
        [HMAC_STREAM, HMAC_STREAM_BYTES],
        [OUT, 32],
      ],
      () => hmac.sha256Finish(OUT),
    );
    memory.fill(0, HMAC_STREAM - 64, HMAC_STREAM);
  });

  it("every bit of a length: the last block is the one that FIPS 180-4 §5.1.1 has", () => {
    const total = new DataView(memory.buffer, HMAC_STREAM + 96, 8);
    for (let power = 6n; power < 61n; power++) {
      const length = 1n << power;
      const last = Buffer.alloc(64);
      last[0] = 0x80;
      last.writeBigUInt64BE(8n * length, 56);
      memory.set(last, HMAC_ARENA);
      hmac.sha256Start();
      hmac.sha256Update(HMAC_ARENA, 64);
      const right = read(HMAC_STREAM, 32).swap32().toString("hex");
      hmac.sha256Start();
      total.setBigUint64(0, length, true);
      hmac.sha256Finish(OUT);
      expect(read(OUT, 32).toString("hex"), `2^${power} bytes`).toBe(right);
    }
  });

  it("a message of more than 2^32 bits", () => {
    const piece = bytesOf("piece", 0xc0000);
    const openssl = createHash("sha256");
    memory.set(piece, HMAC_ARENA);
    hmac.sha256Start();
    for (let total = 0; total <= 2 ** 29; total += piece.length) {
      hmac.sha256Update(HMAC_ARENA, piece.length);
      openssl.update(piece);
    }
    hmac.sha256Finish(OUT);
    expect(read(OUT, 32).toString("hex")).toBe(openssl.digest("hex"));
    expect(piece.length).toBeLessThanOrEqual(HMAC_ARENA_BYTES);
  });
});
