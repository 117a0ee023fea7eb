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
const speed = (why: string): Explanation => ({ kind: "Speed only", why });
const twice = (why: string): Explanation => ({ kind: "Done twice", why });

export const explanations: ReadonlyMap<string, Explanation> = new Map([
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
  ["hmac:31:0x4f94:opcode:i32x4.shr_s", same("a group is three bytes, its fourth is 0: so is the sign")],
  ["hmac:7:0x1a96:opcode:i32x4.shr_s", same("a group is three bytes, its fourth is 0: so is the sign")],
  [
    "hmac:32:0x5441:opcode:i64.extend_i32_u",
    same("four digits, below 10000; where they are none, their value is not taken"),
  ],
  [
    "hmac:33:0x5541:opcode:i64.extend_i32_u",
    same("four digits, below 10000; where they are none, their value is not taken"),
  ],
  [
    "hmac:32:0x548c:opcode:i64.gt_s",
    same("at the limit itself both choices are the limit; -1 is cut to 32 bits, which is the limit too"),
  ],
  ["hmac:32:0x546b:vector:^byte10.bit7", same("the lane is only asked whether it is 0")],
  [
    "hmac:1:0x1323:vector:^byte11.bit4",
    unread("of the last sixteen characters' vector only the first eleven are taken"),
  ],
  ["hmac:7:0x1d8c:vector:^byte8.bit1", same("a shift to the left by 24 has left zeros there")],
  ["hmac:23:0x47cb:opcode:i32.add", same("sum and difference are both even or both odd")],
  ["hmac:15:0x3fe5:opcode:v128.xor", disjoint("a character is of one class, and of all others the share is 0")],
  ["hmac:16:0x433e:opcode:i64.extend_i32_s", same("a length within the memory: the sign is 0")],
  [
    "cute:11:0x3534:constant:^bit4",
    same("limbs 5 and 6 keep up to 58 bits, which finish carries: the number is the same and nothing overflows"),
  ],
  ["cute:31:0x5f69:removal:removed", twice("keySet wipes the whole slot before the state in it is cleared")],
  [
    "cute:2:0x2527:constant:^bit0",
    same("a limb of 4095 becomes -4097 with a carry: the number is the same, and the bound is -4864"),
  ],
  ["cute:60:0x887e:opcode:i64.load32_u", same("carried limbs have 28 bits")],
  [
    "cute:40:0x7091:offset:-1",
    unread("the fourth lane's counter: the state there is written anew, or its block is not used"),
  ],
  [
    "cute:3:0x25a5:offset:+1",
    notReached(
      "every piece of a message that the shipped module hashes is a multiple of 16 bytes: none waits half filled",
    ),
  ],
  [
    "cute:3:0x25cf:condition:negated",
    notReached(
      "every piece of a message that the shipped module hashes is a multiple of 16 bytes: none waits half filled",
    ),
  ],
  [
    "cute:3:0x25e0:constant:^bit2",
    notReached(
      "every piece of a message that the shipped module hashes is a multiple of 16 bytes: none waits half filled",
    ),
  ],
  [
    "cute:30:0x5ee7:constant:^bit3",
    notReached("the shipped module draws 32 or 64 bytes: never 16 to 23 are left over"),
  ],
  [
    "cute:49:0x7f45:constant:^bit3",
    same("nine times the product is 0 mod L just where the product is, and more is not asked"),
  ],
  ["cute:37:0x669a:constant:^bit7", same("a shift counts modulo 64: by 144 as by 16")],
  ["cute:41:0x7115:constant:^bit7", same("128 bytes more of scratch are wiped, which are zero between calls")],
  ["cute:49:0x7e7e:opcode:i64.load", same("masked to 28 of the lower 32 bits")],
  [
    "cute:49:0x7f88:opcode:i32.xor",
    same("both at once mean R = 0, which no multiple of B has: the verdict is 0 without them"),
  ],
  ["cute:11:0x320d:opcode:i64.shr_s", same("32 bits in 64: the sign is 0")],
  ["cute:40:0x6be8:opcode:i32.sub", speed("where the second packet is decided already the first is opened twice")],
  [
    "cute:40:0x6a9e:opcode:i32.sub",
    speed("where the first packet is decided already the zeros before the window are tried, which are not genuine"),
  ],
  ["cute:45:0x7606:constant:-1", same("the token's last byte is always written, and the byte before the token is 0")],
  ["cute:51:0x80ec:constant:-1", same("the region's last byte is never written, and the byte before it is 0")],
  ["cute:5:0x29b1:opcode:i64.xor", disjoint("a limb of 52 bits, and the next one 52 bits further up")],
  ["cute:8:0x2cd0:opcode:i32.load16_u", same("only the lower byte is stored")],
  ["cute:18:0x43ec:opcode:i64.shr_s", same("clamped to 28 bits: the sign is 0")],
  ["cute:18:0x43b0:opcode:i64.load", same("masked to 28 bits")],
  ["cute:10:0x2f20:opcode:i32.le_u", same("a fourth round gives no lane its double")],
  ["cute:10:0x2f2b:constant:^bit2", unread("four bytes more, into what the next multiplication overwrites")],
  ["cute:57:0x8401:shift:-1", same("d or -d has its top bit set just where it is not 0")],
  ["cute:27:0x503a:vector:^byte9.bit6", unread("lanes 2 and 3 of the result, of which 0 and 1 are read")],
  [
    "cute:59:0x85ae:removal:removed",
    margin("lane 0 goes on without carries: a sum overflows only if many limbs are near their bounds at once"),
  ],
  ["cute:35:0x621c:removal:removed", margin("a sum between L and 2^252 + 2^140, which in a signature one in 2^112 is")],
  ["cute:35:0x61d3:condition:negated", margin("a sum below 0, or less than 2^140 above it, which one in 2^112 is")],
  ["cute:35:0x6215:shift:-1", margin("a sum below 0, which in a signature one in 2^112 is")],
  ["cute:49:0x7e3b:opcode:i64.sub", margin("an R from p to p + 18: nobody knows a multiple of B that has such a one")],
  ["cute:49:0x7e49:opcode:i64.and", margin("a genuine R whose lower 64 bits are among the highest 19: one in 2^59")],
  ["cute:49:0x7f73:opcode:i64.xor", margin("a product c · a whose four words cancel: one in 2^64, and c is a hash")],
  ["cute:49:0x7f7c:constant:^bit3", margin("a product c · a whose words are 8 at most, c being a hash")],
  [
    "cute:49:0x7eb7:constant:^bit6",
    margin(
      "a nonce of which three words are 0, and eight bytes of a hash too; a nonce of 0 is refused by isBaseMultiple",
    ),
  ],
  ["hmac:15:0x402f:vector:^byte15.bit6", same("the shift to the left by 18 takes it away")],
  ["hmac:29:0x4eae:constant:^bit7", same("128 bytes more of scratch are wiped, which are zero between calls")],
  ["hmac:19:0x44b3:constant:^bit2", same("four bytes more of scratch are wiped, which are zero between calls")],
  ["cute:43:0x724d:constant:-1", twice("all 64 bytes are written next")],
  ["cute:49:0x7d23:opcode:i32.store16", same("the byte behind is written next, or is 0, as is what is stored there")],
  ["cute:7:0x2c7e:constant:+1", twice("hashFinish writes the first byte and clears it")],
  ["cute:21:0x47c9:constant:^bit7", unread("what comes out is 0, and goes where scratch is 0")],
]);
