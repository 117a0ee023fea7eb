import { concat } from "../../support/bytes.ts";
import { opensslSeal } from "../../support/xchacha.ts";
import { loadKernel } from "../../unit/assembly/load.ts";

// Makes packets genuine whatever they say, with the test kernels (the twins take milliseconds) and with OpenSSL.

interface Gimli {
  secretboxPrepare(context: bigint, key: number, prepared: number): void;
  secretboxSeal(prepared: number, iv: number, message: number, length: number, id: bigint, box: number): void;
}
interface Curve {
  signatureMake(secret: number, message: number, length: number, context: bigint, random: number, out: number): void;
}

const gimli = loadKernel<Gimli>("gimli.kernel");
const curve = loadKernel<Curve>("curve25519.kernel");
export const CONTEXT: Uint8Array = new Uint8Array(Buffer.from("CUTE_CTX"));
const context = Buffer.from(CONTEXT).readBigUInt64LE();
const AT = 0x100000;
const OUT = AT + 0x2000;

/** The 960 bytes of a packet with their signature behind them. */
export function signed(secret: Uint8Array, message: Uint8Array): Uint8Array {
  const memory = new Uint8Array(curve.memory.buffer);
  memory.set(secret, AT);
  memory.set(message, AT + 0x200);
  curve.signatureMake(AT, AT + 0x200, message.length, context, AT + 0x100, OUT);
  return concat(message, memory.slice(OUT, OUT + 64));
}

/** A packet of the suite hydrogen: 568 public bytes, 356 of plaintext. */
export function hydrogenPacket(secret: Uint8Array, section: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const memory = new Uint8Array(gimli.memory.buffer);
  memory.set(secret.subarray(0, 32), AT);
  memory.set(plaintext, AT + 0x200);
  gimli.secretboxPrepare(context, AT, AT + 0x1000);
  gimli.secretboxSeal(AT + 0x1000, AT + 0x100, AT + 0x200, plaintext.length, 0n, OUT);
  return signed(secret, concat(section, memory.slice(OUT, OUT + plaintext.length + 36)));
}

/** A packet of the suite xchacha20poly1305: 656 public bytes, 328 of plaintext. */
export function xchachaPacket(secret: Uint8Array, section: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(24).fill(9);
  return concat(section, nonce, opensslSeal(secret, nonce, plaintext, section));
}
