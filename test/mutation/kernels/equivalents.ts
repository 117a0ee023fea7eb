// Survivors explained, by id. An equivalent mutant does what the module does for whatever its exports are given; no test can
// kill it, and it does not count against the tests. A margin is a survivor of another kind: there are inputs on which it
// differs, but none that anyone knows how to make.

export interface Kind {
  readonly equivalent: boolean;
  readonly why: string;
}

export const kinds: Readonly<Record<string, Kind>> = {
  "Same for every value that occurs": {
    equivalent: true,
    why: "The operands have a range, and within it both instructions give the same.",
  },
  "Bits that do not meet": {
    equivalent: true,
    why: "The operands have no bit in common: or, xor and add are one.",
  },
  "Speed only": {
    equivalent: true,
    why: "It chooses between two ways to the same result, or works ahead of need.",
  },
  "Lanes that hold the same, or that nobody reads": {
    equivalent: true,
    why: "The byte comes from another lane of the same content, or goes where it is overwritten before it is read.",
  },
  "Done twice": {
    equivalent: true,
    why: "What it leaves out, another instruction does on every way that leads here.",
  },
  "Not reached": {
    equivalent: true,
    why: "The shipped module never comes here with the values that matter; the kernels built for tests do.",
  },
  Margin: {
    equivalent: false,
    why: "It differs on inputs that exist but that nobody knows how to make.",
  },
};

interface Explanation {
  readonly kind: keyof typeof kinds;
  readonly why: string;
}

const same = (why: string): Explanation => ({ kind: "Same for every value that occurs", why });
const disjoint = (why: string): Explanation => ({ kind: "Bits that do not meet", why });
const unread = (why: string): Explanation => ({ kind: "Lanes that hold the same, or that nobody reads", why });
const margin = (why: string): Explanation => ({ kind: "Margin", why });
const notReached = (why: string): Explanation => ({ kind: "Not reached", why });
const twice = (why: string): Explanation => ({ kind: "Done twice", why });

export const explanations: ReadonlyMap<string, Explanation> = new Map([
  [
    "hmac:13:0x3d9b:opcode:i16x8.shr_s",
    same("the upper byte of each lane is a nibble, 0 to 15 (0 where it is no digit), so the sign is 0"),
  ],
  ["hmac:15:0x4286:opcode:v128.xor", disjoint("the third and fourth character's share of three bytes")],
  ["hmac:31:0x4f94:opcode:v128.xor", disjoint("two six-bit fields, in bytes of their own")],
  ["cute:31:0x5f69:offset:+1", twice("keySet wipes the whole slot before the state in it is cleared")],
  ["cute:49:0x7f02:removal:removed", twice("curveStart makes the table once; keySet has called it for this slot")],
  ["cute:49:0x7f86:opcode:i64.shr_s", same("the sign, as 1 or as -1, is only asked whether it is 0")],
  ["cute:35:0x617a:opcode:i64.load32_s", same("carried limbs have 28 bits")],
  ["cute:53:0x823b:constant:^bit6", unread("a fifth copy of the state, where poly1305Start then writes its own")],
  [
    "cute:40:0x6e3f:offset:-1",
    unread("the fourth lane's counter: the state there is written anew, or its block is not used"),
  ],
  ["cute:60:0x87a9:constant:^bit5", same("the index is below 9: its bit 5 is 0")],
  ["cute:36:0x65c2:constant:-1", same("the loop counts by 16: 159 and 160 end it at once")],
  ["cute:28:0x50f9:shuffle:lane9=29", unread("all four states begin with the same constants")],
  ["cute:11:0x3667:opcode:i64.xor", disjoint("a limb of 28 bits, and the next one 28 bits further up")],
  [
    "cute:3:0x25e4:constant:^bit1",
    notReached(
      "every piece of a message that the shipped module hashes is a multiple of 16 bytes: none waits half filled",
    ),
  ],
  ["cute:11:0x3575:offset:+16", same("limbs 14 to 18 have been folded away: 14 and 16 are both 0")],
  ["cute:37:0x6651:opcode:i64.extend_i32_s", same("0 or 1")],
  ["cute:24:0x49f0:constant:-1", same("the loop counts by 16: 159 and 160 end it at once")],
  ["hmac:19:0x4495:constant:^bit2", same("four bytes more of scratch are wiped, which are zero between calls")],
  [
    "hmac:23:0x47df:constant:^bit5",
    unread("behind a lane's last block any block will do: the lane is no longer taken in"),
  ],
  ["hmac:26:0x4d57:constant:^bit7", unread("scratch before the key's block is written anew, then wiped with it")],
  ["cute:37:0x66b4:constant:^bit7", same("a shift counts modulo 64: by 130 as by 2")],
  ["cute:41:0x71a8:constant:^bit0", unread("one vector more, into what the next multiplication overwrites")],
  ["cute:26:0x4aeb:opcode:v128.xor", disjoint("one entry of the table behind its mask; all others are 0")],
  ["cute:28:0x5907:opcode:i64.shr_s", same("a sum of two numbers of 32 bits: the sign is 0")],
  ["cute:28:0x53b3:shuffle:lane9=9", unread("the nonce's last word, which the first three states share")],
  ["cute:60:0x87e6:opcode:i64.load8_u", same("only bit 0 is asked for")],
  [
    "cute:61:0x8b0e:constant:^bit3",
    margin(
      "one correction by p less: the cofactor leaves its range only after matrices that 2^-30 of all elements lead to",
    ),
  ],
  ["cute:61:0x8b1d:opcode:i64.sub", margin("the same correction with the other sign")],
  [
    "cute:59:0x85a4:constant:^bit3",
    margin("lane 0 goes on without carries: a sum overflows only if many limbs are near their bounds at once"),
  ],
]);
