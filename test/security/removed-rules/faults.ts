/** A rule of SECURITY.md's table taken out of the code, and the test that must then fail. */
export interface Fault {
  /** T1 to T18 of SECURITY.md. */
  readonly threat: string;
  /** What the code does no more. */
  readonly rule: string;
  readonly file: string;
  /** Texts that stand there just once, and what takes their places. */
  readonly changes: readonly (readonly [find: string, replacement: string])[];
  /** The test's file and title; `%s` and `$name` in a title stand for whatever is filled in. */
  readonly test: readonly [file: string, title: string];
}

const fault = (
  threat: string,
  rule: string,
  file: string,
  changes: Fault["changes"],
  ...test: [file: string, title: string]
): Fault => ({ threat, rule, file, changes, test });

const SECRETS = "test/unit/wasm/secrets.test.ts";
const MEMORY = "test/unit/wasm/memory.test.ts";
const EVERY_CALL = "every call";

export const faults: readonly Fault[] = [
  fault(
    "T1",
    "a strict timestamp has just ten digits",
    "src/common/digits.ts",
    [["if (text.length !== TEN) return -1;", "if (text.length < TEN) return -1;"]],
    "test/unit/centrifugo/tokens.test.ts",
    "accepts no two ways of splitting the same bytes",
  ),
  fault(
    "T1",
    "a strict info is empty or one JSON object",
    "src/centrifugo/format.ts",
    [
      [
        'if (info === "" || isJsonObject(info, MAX_INFO_DEPTH)) return undefined;',
        "if (info !== null) return undefined;",
      ],
    ],
    "test/unit/centrifugo/tokens.test.ts",
    "accepts no two ways of splitting the same bytes",
  ),
  fault(
    "T2",
    "a strict channel begins with $",
    "src/centrifugo/format.ts",
    [["if (strict && !channel.startsWith(PRIVATE_PREFIX))", "if (strict && channel === PRIVATE_PREFIX)"]],
    "test/contract/threats/confusion.test.ts",
    "%s is accepted as what it is, and otherwise only where its bytes say no more",
  ),
  fault(
    "T1",
    "without the strict rules a timestamp is read as a server reads it",
    "src/centrifugo/format.ts",
    [["int64(timestamp) === undefined", "textProblem(timestamp)"]],
    "test/unit/centrifugo/real-servers.test.ts",
    "connects: the server's verdict, but for the differences that are listed",
  ),
  fault(
    "T2",
    "a strict client id has the form of those that servers give out",
    "src/centrifugo/format.ts",
    [["CLIENT_ID.test(client)", 'client !== "" && !client.includes(PRIVATE_PREFIX)']],
    "test/unit/centrifugo/signs.test.ts",
    "gets no channel sign that is a whole API command",
  ),
  fault(
    "T3",
    "no id holds a bar",
    "src/snapnet/format.ts",
    [['if (id.includes(BAR)) return "holds a bar (|), which separates the fields";', ""]],
    "test/unit/snapnet/snapnet.test.ts",
    "throws for ids full of separators, controls and lone surrogates, or gives the same fields back",
  ),
  fault(
    "T3",
    "a bar stands before the signature",
    "src/snapnet/format.ts",
    [["|| token.indexOf(BAR, second + 1) !== third) return undefined;", ") return undefined;"]],
    "test/unit/snapnet/snapnet.test.ts",
    "refuses every change of one bit",
  ),
  fault(
    "T4",
    "no member comes twice",
    "src/common/json.ts",
    [['(name === "__proto__" || names?.has(name))', 'name === "__proto__"']],
    "test/unit/tirtc/claims.test.ts",
    "correctly signed payloads",
  ),
  fault(
    "T4",
    "names are compared unescaped",
    "src/common/json.ts",
    [
      [
        "const name = names && literalText(this.#text.slice(from, this.#at));",
        "const name = names && this.#text.slice(from + 1, this.#at - 1);",
      ],
    ],
    "test/unit/tirtc/claims.test.ts",
    "correctly signed payloads",
  ),
  fault(
    "T5",
    "a signature's spare bits are zero",
    "assembly/sha256/tags.ts",
    [
      [
        "const c = v128.xor(Tail.last(bytes, second), v128.load(text, 27));",
        "const c = v128.and(v128.xor(Tail.last(bytes, second), v128.load(text, 27)), i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -4));",
      ],
    ],
    "test/unit/tirtc/tokens.test.ts",
    "passes just one spelling of each segment",
  ),
  fault(
    "T5",
    "base64url has one alphabet",
    "assembly/encoding.ts",
    [
      [
        "return i8x16.eq(characters, i8x16.splat(0x2d));",
        "return v128.or(i8x16.eq(characters, i8x16.splat(0x2d)), i8x16.eq(characters, i8x16.splat(0x2b)));",
      ],
    ],
    "test/unit/assembly/encoding.test.ts",
    "accepts nothing but its alphabet at any place: no padding, no space, not + and /",
  ),
  fault(
    "T6",
    "a tag is compared over its whole length",
    "assembly/sha256/tags.ts",
    [["return v128.or(first, second);\n}", "return first;\n}"]],
    "test/unit/assembly/hmac-jobs.test.ts",
    "refuses every flip of one bit of a tag, alone and in every lane",
  ),
  fault(
    "T6",
    "a comparison does not end early",
    "assembly/sha256/tags.ts",
    [
      [
        "  const second = hexDifference(v128.load(bytes, 16), text + 32, fold);",
        "  if (v128.any_true(first)) return 0;\n  const second = hexDifference(v128.load(bytes, 16), text + 32, fold);",
      ],
    ],
    "test/security/constant-time/gate.test.ts",
    "has no branch that is not listed with its reason, and none is listed that there is not",
  ),
  fault(
    "T7",
    "strict takes the signer's form of a signature only",
    "assembly/cute/hydrogen.ts",
    [["const genuine = strict\n", "const genuine = strict > 1\n"]],
    "test/unit/cute/tokens-hydrogen.test.ts",
    "strict: all refused; strict: false: all accepted, as the same token",
  ),
  fault(
    "T8",
    "a replay identity has nothing of a signature in it (SnapNet)",
    "src/snapnet/index.ts",
    [["token.slice(0, -SIGNATURE_FIELD_BYTES)", "token"]],
    "test/contract/threats/replay.test.ts",
    "SnapNet, either case of the signature: one enters",
  ),
  fault(
    "T8",
    "a token's name is no credential (Centrifugo)",
    "src/centrifugo/index.ts",
    [["sha256Hex(encoder.encode(token))", "token"]],
    "test/contract/verdicts.test.ts",
    "no tokenId holds the token's authenticator in clear, unless that is sealed over what it hides",
  ),
  fault(
    "T8",
    "a token's name is no credential (TiRTC)",
    "src/tirtc/index.ts",
    [
      [
        "sha256Hex(base64urlToBytes(token.slice(-BASE64URL_CHARACTERS)) as Uint8Array)",
        "token.slice(-BASE64URL_CHARACTERS)",
      ],
    ],
    "test/contract/verdicts.test.ts",
    "no tokenId holds the token's authenticator in clear, unless that is sealed over what it hides",
  ),
  fault(
    "T8",
    "a replay identity has nothing of a signature in it (Cute)",
    "assembly/cute/gather.ts",
    [
      [
        "memory.copy(out, packet + OFFSET_HYDROGEN_SIV, HYDROGEN_SIV_BYTES + HYDROGEN_MAC_BYTES);",
        "memory.copy(out, packet + PACKET_BYTES - 36, HYDROGEN_SIV_BYTES + HYDROGEN_MAC_BYTES);",
      ],
    ],
    "test/contract/threats/replay.test.ts",
    "hydrogen, native rules: of all spellings of a signature one enters",
  ),
  fault(
    "T8",
    "what is kept of peers is bounded",
    "src/tirtc/vendor.ts",
    [["if (this.#runs.size >= MAX_RUNS) this.#runs.clear();", ""]],
    "test/contract/threats/replay.test.ts",
    "what is kept of peers is bounded, however many are named",
  ),
  fault(
    "T8",
    "prepared keys are bounded",
    "src/tirtc/devices.ts",
    [["if (this.#kept.size >= MAX_PREPARED_KEYS) this.#dropOldest();", ""]],
    "test/unit/tirtc/devices.test.ts",
    "keeps at most 256 keys prepared, and none after dispose",
  ),
  fault(
    "T8",
    "no key stays prepared for a forged token",
    "src/tirtc/devices.ts",
    [["if (!genuine) key.dispose();\n      else {", "{"]],
    "test/unit/tirtc/devices.test.ts",
    "prepares nothing that lasts for a stranger's tokens, however many devices they name at how many objects",
  ),
  fault(
    "T8",
    "a forged token pushes no prepared key out",
    "src/tirtc/devices.ts",
    [
      ["if (!genuine || !this.#kept.delete(device.name)) continue;", "if (!this.#kept.delete(device.name)) continue;"],
      [
        "if (!genuine) key.dispose();\n      else {",
        "this.#dropOldest();\n      if (!genuine) key.dispose();\n      else {",
      ],
    ],
    "test/unit/tirtc/devices.test.ts",
    "does not let a stranger's tokens push out the keys of genuine ones",
  ),
  fault(
    "T10",
    "a key is kept under what it does not follow from",
    "src/wasm/hmac/key-name.ts",
    [["const PREFIX_BYTES = 16;", "const PREFIX_BYTES = 0;"]],
    "test/unit/tirtc/untrusted-input.test.ts",
    "is the same as text and as its bytes, and named by what it does not follow from",
  ),
  fault(
    "T11",
    "what a caller's function throws about one token touches no other",
    "src/tirtc/devices.ts",
    [["return { asked: undefined, failure: { thrown } };", "throw thrown;"]],
    "test/unit/tirtc/devices.test.ts",
    "throws: so do verify, issue, and the verdicts on the tokens of that peer, with nothing left behind",
  ),
  fault(
    "T9",
    "u64 are read as bigints",
    "src/common/integers.ts",
    [["return pair.getBigUint64(0);", "return BigInt(Number(pair.getBigUint64(0)));"]],
    "test/unit/cute/tokens-xchacha.test.ts",
    "the fields' least and largest values",
  ),
  fault(
    "T9",
    "numbers are safe integers",
    "src/common/integers.ts",
    [["if (!Number.isSafeInteger(value) || value < 0) {", "if (!Number.isInteger(value) || value < 0) {"]],
    "test/unit/cute/arguments.test.ts",
    "names a wrong %s",
  ),
  fault(
    "T10",
    "a key's midstates leave no padded key behind",
    "assembly/sha256/hmac.ts",
    [["  compress(inner + 32, PADDED, 1);\n  wipeOneLane();", "  compress(inner + 32, PADDED, 1);"]],
    SECRETS,
    EVERY_CALL,
  ),
  fault(
    "T10",
    "messages of a digest or an HMAC are wiped",
    "src/wasm/hmac/kernel.ts",
    [["  arena.fill(0, 0, Math.min(message.length, arena.length));", ""]],
    SECRETS,
    "a key of %i bytes",
  ),
  fault(
    "T10",
    "texts are wiped after they were judged",
    "src/wasm/hmac/text-window.ts",
    [["      arena.fill(0, 0, this.#starts[this.count] as number);", ""]],
    SECRETS,
    "every call, profile %s",
  ),
  fault(
    "T10",
    "the cipher's states and key stream are wiped",
    "assembly/cute/xchacha.ts",
    [["  wipe(SCRATCH, SCRATCH_BYTES);", ""]],
    SECRETS,
    EVERY_CALL,
  ),
  fault(
    "T10",
    "an issued token is wiped where it was written",
    "src/wasm/cute/issue.ts",
    [["    token.fill(0);\n", ""]],
    SECRETS,
    EVERY_CALL,
  ),
  fault(
    "T10",
    "the AEADs' key and state are wiped, also after a throw",
    "src/wasm/netcode/aead.ts",
    [["    calls.aeadWipe();\n", ""]],
    SECRETS,
    "connect-tokens/crypto",
  ),
  fault(
    "T10",
    "dispose wipes the slot",
    "assembly/cute/packet.ts",
    [
      [
        "export function keyWipe(slot: usize): void {\n  wipe(slotAddress(slot), CUTE_SLOT_BYTES);",
        "export function keyWipe(slot: usize): void {\n  slotAddress(slot);",
      ],
    ],
    MEMORY,
    "after every verb and after dispose",
  ),
  fault(
    "T11",
    "all code of a caller runs before the first packet is looked at",
    "src/common/packet-batch.ts",
    [["Array.from(given).map((value)", "Array.from(given, (value)"]],
    "test/unit/cute/tokens-xchacha.test.ts",
    "verifyMany: a getter in a list may take away or shrink the packets before it",
  ),
  fault(
    "T11",
    "a token's fields are judged as they were read, and not read again",
    "src/centrifugo/batch.ts",
    [
      [
        "return plain ? { user, timestamp, info, token } : ownFields(item);",
        "return plain ? { user: (item as Given).user ?? user, timestamp, info, token } : ownFields(item);",
      ],
    ],
    "test/contract/untrusted-input.test.ts",
    "$name: so may a token's fields",
  ),
  fault(
    "T12",
    "what is not promised is said (documentation, not code)",
    "SECURITY.md",
    [["- **Spectre and other attacks from within the process.**", "- **Attacks from within the process.**"]],
    "test/security/threat-table.test.ts",
    "says what is not promised",
  ),
  fault(
    "T13",
    "options are own properties, on an object without a prototype",
    "src/common/options.ts",
    [["const copy: Partial<Options> = Object.create(null);", "const copy: Partial<Options> = {};"]],
    "test/contract/untrusted-input.test.ts",
    "no option comes from there",
  ),
  fault(
    "T13",
    "a token's fields are its own properties",
    "src/centrifugo/batch.ts",
    [["if (Object.hasOwn(given, name)) own[name]", "if (name in given) own[name]"]],
    "test/contract/untrusted-input.test.ts",
    "$name: not a token's verdict, nor the clock's",
  ),
  fault(
    "T14",
    "text that is too long is not read (SnapNet)",
    "src/snapnet/index.ts",
    [['typeof token === "string" && token.length <= MAX_TOKEN_CHARACTERS', 'typeof token === "string"']],
    "test/contract/threats/inputs.test.ts",
    "$name: 100 million characters",
  ),
  fault(
    "T14",
    "text that is too long is not read (Centrifugo)",
    "src/centrifugo/batch.ts",
    [["user.length + timestamp.length + info.length <= longest;", "longest > 0;"]],
    "test/contract/threats/inputs.test.ts",
    "$name: 100 million characters",
  ),
  fault(
    "T14",
    "text that is too long is not read (TiRTC)",
    "src/tirtc/format.ts",
    [
      [
        "if (end <= VERSION_PREFIX.length || token.length > MAX_TOKEN_CHARACTERS) return -1;",
        "if (end <= VERSION_PREFIX.length) return -1;",
      ],
    ],
    "test/contract/threats/inputs.test.ts",
    "TiRTC: 8192 characters; a longer one is refused although signed",
  ),
  fault(
    "T15",
    "milliseconds are no seconds",
    "src/common/time.ts",
    [["if (value >= MILLISECONDS_FROM) throw", "if (value >= Number.MAX_VALUE) throw"]],
    "test/unit/snapnet/snapnet.test.ts",
    "refuses %s for now",
  ),
  fault(
    "T16",
    "a secret of zeros is none",
    "src/common/secrets.ts",
    [['if (isAllZero(secret)) throw rangeError(argument, "other than all zeros", value);', ""]],
    "test/unit/centrifugo/arguments.test.ts",
    "the constructor refuses %o",
  ),
  fault(
    "T16",
    "two signatures are asked for where two are configured",
    "src/wasm/hmac/text-window.ts",
    [
      [
        "if (inner) this.#check(keys, form, true);\n      else this.#checkOne(keys, form);",
        "this.#checkOne(keys, form);",
      ],
    ],
    "test/unit/tirtc/tokens.test.ts",
    "signs once only where an option says so, and then no other way",
  ),
  fault(
    "T16",
    "each profile hashes its own project key",
    "src/centrifugo/index.ts",
    [
      [
        "this.#project = readProjectKey(own.projectKey, profile);",
        'this.#project = readProjectKey(own.projectKey, profile) && "";',
      ],
    ],
    "test/contract/threats/confusion.test.ts",
    "%s is accepted as what it is, and otherwise only where its bytes say no more",
  ),
  fault(
    "T17",
    "nothing is given out whose tag is wrong (AEAD)",
    "src/wasm/netcode/aead.ts",
    [["    if (!genuine) return undefined;\n", ""]],
    "test/unit/crypto/aead-vectors.test.ts",
    "RFC 8439: 2 cases",
  ),
  fault(
    "T17",
    "what was decrypted of a forged box is wiped",
    "assembly/gimli/secretbox.ts",
    [["    wipe(out, length);\n    return 0;", "    return 0;"]],
    MEMORY,
    "after every verb and after dispose",
  ),
  fault(
    "T17",
    "a packet is decrypted after its tag was compared",
    "assembly/cute/xchacha.ts",
    [["if (isGenuine(index) !== 0) accept(half, index);", "isGenuine(index); accept(half, index);"]],
    "test/unit/cute/tokens-xchacha.test.ts",
    "every one of the 8192 single bits refuses the packet, for the reason that belongs to its place",
  ),
  fault(
    "T18",
    "random bytes are handed out once",
    "src/common/random.ts",
    [
      ["  left -= length;\n", ""],
      ["  drawn.fill(0, left, left + length);\n", ""],
      ["drawn.slice(left, left + length)", "drawn.slice(left - length, left)"],
    ],
    "test/contract/threats/nonces.test.ts",
    "$suite: each has a nonce of its own",
  ),
  fault(
    "T18",
    "random bytes come from the engine",
    "src/common/random.ts",
    [["crypto.getRandomValues(drawn);", "drawn.fill(7);"]],
    "test/contract/threats/nonces.test.ts",
    "1,000,000 draws of %i bytes differ in their first eight, and in their last",
  ),
  fault(
    "T18",
    "nothing is counted that a restart would begin again",
    "src/common/random.ts",
    [
      ["let left = 0;", "let left = 0;\nlet count = 0;"],
      [
        "crypto.getRandomValues(drawn);",
        "const words = new Uint32Array(drawn.buffer);\n    for (let i = 0; i < words.length; i++) words[i] = Math.imul(++count, 0x9e3779b1);",
      ],
    ],
    "test/contract/threats/nonces.test.ts",
    "nothing begins again after a restart",
  ),
];
