import { CuteTokens, verifySignature } from "../../../../src/cute/index.ts";
import { type PublicSection, readConnectToken, readPublicSection } from "../../../../src/cute/public.ts";
import { verifyNative, verifyStrict } from "../../../reference/curve25519.ts";
import { readSection } from "../../../reference/endpoints.ts";
import { secretboxOpen } from "../../../reference/gimli.ts";
import { concat, hex, same, u64Bytes } from "../../../support/bytes.ts";
import { hydrogen, type Native, nativeOf, type SuiteUnderTest, xchacha } from "../../../support/cute.ts";
import { encodeEndpoints, endpointText, parseEndpoint } from "../../../support/endpoints.ts";
import { opensslSeal } from "../../../support/xchacha.ts";
import { CONTEXT, hydrogenPacket, signed, xchachaPacket } from "../seal.ts";
import { hold, holdSame, inputOf, outcomeOf, readOrCode, type Target } from "../target.ts";

// The first byte of an input.
const SEALED = 1;
const LISTED = 2; // the server asks for its endpoint
const NATIVE_RULES = 4;
const XCHACHA = 8;
const PACKET = 16; // cut or filled up to 1024 bytes
const TOKEN = 32; // to 1114

const NOW = 1_600_000_000n;
const PACKET_BYTES = 1024;
const SECTION_PIECES = [
  ...[
    "CUTE 1.00\0",
    "\u0001\u000a\0\0\u0001\u0061\u001e",
    "\u0002",
    "\0\0\0\0\0\0\0\0",
    "\u0020\0\0\0",
    "\u001c\0\0\0",
  ],
  ...[new Uint8Array(19).fill(2), new Uint8Array(190).fill(1), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255)],
];

/** The bytes, with zeros behind them, at the length asked for. */
function fitted(bytes: Uint8Array, length: number): Uint8Array {
  const fit = new Uint8Array(length);
  fit.set(bytes.subarray(0, length));
  return fit;
}

/** Which side of its limits a packet's endpoint count is: V8 does not tell which half of a condition refused it. */
function countKind(packet: Uint8Array): string {
  const count = new DataView(packet.buffer, packet.byteOffset).getUint32(31, true);
  return count === 0 ? "none" : count > 32 ? "too many" : "some";
}

function holdSection(read: PublicSection, packet: Uint8Array, publicBytes: number): void {
  const texts = read.endpoints.map(endpointText);
  if (read.endpoints.every(({ port }) => port > 0)) {
    const { count, bytes } = encodeEndpoints(texts, "endpoints", publicBytes);
    holdSame(count, read.endpoints.length, "as many endpoints are written as were read");
    hold(same(bytes, packet.slice(35, 35 + bytes.length)), "endpoints read and written again are the same bytes");
  }
}

export const cutePublic: Target = {
  name: "cute-public",
  maxLength: 1130,
  seeds: [hydrogen, xchacha].flatMap((suite) =>
    [2, 5, 9].map((index) => inputOf([suite === xchacha ? XCHACHA : 0], nativeOf(suite, index).token)),
  ),
  dictionary: SECTION_PIECES,
  run(input) {
    const flags = input[0] ?? 0;
    const rest = input.subarray(1);
    const bytes = flags & PACKET ? fitted(rest, PACKET_BYTES) : flags & TOKEN ? fitted(rest, 1114) : rest;
    const { suite, publicBytes } = flags & XCHACHA ? xchacha : hydrogen;
    const read = readOrCode(() => readPublicSection(bytes, { suite }), ["ERR_RANGE", "ERR_FORMAT"]);
    const token = readOrCode(() => readConnectToken(bytes, { suite }), ["ERR_RANGE", "ERR_FORMAT"]);
    if (bytes.length !== PACKET_BYTES && bytes.length !== 1114) {
      holdSame([read, token], ["ERR_RANGE", "ERR_RANGE"], "another length is no token");
      return "ERR_RANGE";
    }
    const packet = bytes.subarray(bytes.length - PACKET_BYTES);
    const reference = readSection(packet, publicBytes);
    holdSame(read, typeof reference === "string" ? "ERR_FORMAT" : reference, "the reader agrees with its twin");
    if (typeof read === "string") {
      hold(typeof token === "string", "no token is read of a packet that is none");
      return `${reference} ${countKind(packet)}`;
    }
    holdSection(read, packet, publicBytes);
    if (typeof token === "object") {
      hold(same(token.packet, packet), "the packet is that of the token");
      const { creationTimestamp, clientToServerKey, serverToClientKey, packet: _, ...section } = token;
      holdSame(section, reference, "the token's section is the packet's");
      const written = concat(packet.slice(1, 19), u64Bytes(creationTimestamp), clientToServerKey, serverToClientKey);
      hold(same(written, bytes.slice(0, 90)), "what is read before the packet, written again, is the same bytes");
    }
    return `read ${typeof token} ${Math.min(read.endpoints.length, 3)} ${new Set(read.endpoints.map((e) => e.family)).size}`;
  },
};

/** Whether a packet, whose section is sound, is genuine by the twins. */
function isGenuine(suite: SuiteUnderTest, secret: Uint8Array, packet: Uint8Array, strict: boolean): boolean {
  if (suite === xchacha) {
    // Sealing what the key stream makes of the ciphertext again gives the packet, or it is not genuine.
    const [section, nonce] = [packet.slice(0, 656), packet.slice(656, 680)];
    const stream = opensslSeal(secret, nonce, new Uint8Array(328), section);
    const plaintext = packet.slice(680, 1008).map((byte, i) => byte ^ (stream[i] as number));
    return same(opensslSeal(secret, nonce, plaintext, section), packet.slice(680));
  }
  const [message, signature] = [packet.slice(0, 960), packet.slice(960)];
  const box = { key: secret.slice(0, 32), context: CONTEXT, messageId: 0n };
  if (secretboxOpen(box, message.slice(568)) === null) return false;
  if (strict) return verifyStrict(secret, { message, context: CONTEXT }, signature);
  return verifyNative(secret.slice(32), { message, context: CONTEXT }, signature);
}

function cuteTarget(suite: SuiteUnderTest): Target {
  const native: Native = nativeOf(suite, 2);
  const { secret, applicationId } = native;
  const { publicBytes } = suite;
  const plaintextBytes = suite === hydrogen ? 356 : 328;
  const seal = suite === hydrogen ? hydrogenPacket : xchachaPacket;
  const own = endpointText(parseEndpoint(native.issue.endpoints[0] as string));
  const verifiers = [0, LISTED, NATIVE_RULES, LISTED | NATIVE_RULES].map(
    (flags) =>
      new CuteTokens({
        ...{ suite: suite.suite, secret, applicationId, strict: !(flags & NATIVE_RULES) },
        ...(flags & LISTED ? { serverEndpoint: own } : {}),
      }),
  );
  const listed = encodeEndpoints([own], "endpoints", publicBytes).bytes;

  /** The reason by the documents' order of checks, before the packet is opened. */
  const sectionReason = (packet: Uint8Array, flags: number): string | undefined => {
    const section = readSection(packet, publicBytes);
    if (section === "not-a-connect-token") return section;
    const view = new DataView(packet.buffer, packet.byteOffset);
    if (view.getBigUint64(11, true) !== applicationId) return "wrong-application";
    if (view.getBigUint64(19, true) <= NOW) return "expired";
    if (section === "bad-endpoints") return section;
    const isListed = section.endpoints.some((endpoint) => endpointText(endpoint) === own);
    return flags & LISTED && !isListed ? "not-this-server" : undefined;
  };

  const sections = [native.packet.slice(0, publicBytes), fitted(native.packet.slice(0, 60), publicBytes)];
  for (const section of sections) section.set(u64Bytes(NOW + 100n), 19);
  return {
    name: `cute-${suite.suite}`,
    maxLength: 1 + PACKET_BYTES,
    seeds: [
      inputOf([SEALED], concat(sections[0] as Uint8Array, new Uint8Array(plaintextBytes).fill(7))),
      inputOf([SEALED | LISTED], sections[0] as Uint8Array),
      inputOf([SEALED | NATIVE_RULES], sections[1] as Uint8Array),
      inputOf([0], seal(secret, sections[0] as Uint8Array, new Uint8Array(plaintextBytes).fill(1))),
    ],
    dictionary: [...SECTION_PIECES, u64Bytes(applicationId), u64Bytes(NOW), u64Bytes(NOW + 1n), listed],
    run(input) {
      const flags = input[0] ?? 0;
      const sealed = (flags & SEALED) !== 0;
      const rest = fitted(input.subarray(1), PACKET_BYTES);
      const plaintext = rest.slice(publicBytes, publicBytes + plaintextBytes);
      const packet = sealed ? seal(secret, rest.slice(0, publicBytes), plaintext) : rest;
      const tokens = verifiers[(flags & (LISTED | NATIVE_RULES)) >> 1] as CuteTokens;
      const verdict = tokens.verify(packet, { now: NOW });
      const outcome = outcomeOf(verdict);
      const genuine = () => sealed || isGenuine(suite, secret, packet, !(flags & NATIVE_RULES));
      const expected = sectionReason(packet, flags) ?? (genuine() ? "valid" : "not-genuine");
      holdSame(outcome, expected, "the verdict is that of the documents");
      if (verdict.valid) {
        const { clientId, clientToServerKey, serverToClientKey, userData, ...section } = verdict.claims;
        holdSame(section, readPublicSection(packet, { suite: suite.suite }), "the public reader reads the same");
        const secretPart = concat(u64Bytes(clientId), clientToServerKey, serverToClientKey, userData);
        if (sealed) hold(same(secretPart, plaintext.slice(-328)), "claims are what was sealed");
        holdSame(verdict.expiresAt, section.expirationTimestamp, "it expires when it says");
        const replay = suite.tokenIdBytes.map(([from, to]) => hex(packet.slice(from, to))).join("");
        holdSame(verdict.tokenId, `cute:${replay}`, "it is known again by bytes that cannot be varied");
      }
      const many = tokens.verifyMany([packet, new Uint8Array(3), packet], { now: NOW });
      holdSame(
        [outcomeOf(many.at(0)), many.reasonAt(1), outcomeOf(many.at(2))],
        [outcome, "wrong-size", outcome],
        "verifyMany says what verify says",
      );
      holdSame(many.at(2), verdict, "with the same claims");
      return `${outcome} ${sealed} ${countKind(packet)}`;
    },
  };
}

export const cuteHydrogen: Target = cuteTarget(hydrogen);
export const cuteXchacha: Target = cuteTarget(xchacha);

/** The twin takes milliseconds: it is asked about what is accepted, and about one refusal in so many. */
const ASKED = 64;

export const cuteSignature: Target = {
  name: "cute-signature",
  maxLength: 1 + PACKET_BYTES,
  seeds: [inputOf([0], nativeOf(hydrogen, 2).packet), inputOf([SEALED], nativeOf(hydrogen, 3).packet)],
  dictionary: [],
  run(input) {
    const { secret } = nativeOf(hydrogen, 2);
    const publicKey = secret.slice(32);
    const rest = fitted(input.subarray(1), PACKET_BYTES);
    const sealed = ((input[0] ?? 0) & SEALED) !== 0;
    const packet = sealed ? signed(secret, rest.slice(0, 960)) : rest;
    const accepted = verifySignature(packet, publicKey);
    if (sealed) hold(accepted, "a signature made here is accepted");
    else if (accepted || packet.reduce((sum, byte) => sum + byte, 0) % ASKED === 0) {
      const signedPart = { message: packet.slice(0, 960), context: CONTEXT };
      holdSame(accepted, verifyNative(publicKey, signedPart, packet.slice(960)), "the twin says the same");
    }
    return `${accepted} ${sealed}`;
  },
};
