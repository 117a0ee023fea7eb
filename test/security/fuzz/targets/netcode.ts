import { connectionRequestPacket, readConnectToken } from "../../../../src/netcode/public.ts";
import { type Dialect, readToken, requestOf, type Verifier, verifyRequest } from "../../../reference/netcode.ts";
import { hex, same, u64Bytes, unhex } from "../../../support/bytes.ts";
import { DIALECTS, dialectTokens, type NetcodeToken, nativeTokens, tokensOf } from "../../../support/netcode.ts";
import { opensslOpen, opensslSeal } from "../../../support/xchacha.ts";
import { hold, holdSame, inputOf, outcomeOf, readOrCode, type Target } from "../target.ts";

// The first byte of an input.
const SEALED = 1; // the private part is text, to be sealed
const LISTED = 2; // the server asks for its address
const BOUNDED = 4; // maxLifetime and leeway
const DIALECT = 8; // by 8 and 16

const NOW = 1_790_000_000n;
const REQUEST_BYTES = 1078;
const PRIVATE_AT = 54;
const TEXT_BYTES = 1008;
const PIECES = [
  ...["NETCODE 1.02\0", "NETCODE 1.01\0", "\u0001\u0000\u0000\u0000", "\u0020\0\0\0", "\0\0\0\u0001", "\0\0\0\u0020"],
  ...[unhex("01c0a80001409c"), unhex("020120b80d0000000000000000000001009c40"), new Uint8Array(19).fill(2)],
];

const dialectOf = (flags: number): Dialect => DIALECTS[((flags & (DIALECT | (2 * DIALECT))) / DIALECT) % 3] as Dialect;
const flagOf = (dialect: Dialect): number => DIALECT * DIALECTS.indexOf(dialect);

const samples: readonly NetcodeToken[] = DIALECTS.map(
  (dialect) => [...nativeTokens, ...dialectTokens].find((token) => token.dialect === dialect) as NetcodeToken,
);

export const netcodePublic: Target = {
  name: "netcode-public",
  maxLength: 2064,
  seeds: [...samples, ...dialectTokens.slice(2, 8)].map(({ dialect, token }) => inputOf([flagOf(dialect)], token)),
  dictionary: PIECES,
  run(input) {
    const dialect = dialectOf(input[0] ?? 0);
    const bytes = input.slice(1);
    const read = readOrCode(() => readConnectToken(bytes, { dialect }), ["ERR_FORMAT"]);
    const request = readOrCode(() => connectionRequestPacket(bytes, { dialect }), ["ERR_FORMAT"]);
    const reference = readToken(dialect, bytes);
    hold((typeof read === "object") === (reference !== undefined), "the reader reads what its twin reads");
    if (request instanceof Uint8Array) hold(same(request, requestOf(dialect, bytes)), "the request is the twin's");
    if (typeof read === "string" || !reference) return `refused ${typeof request}`;
    const { requestPacket, ...fields } = read;
    holdSame(fields, reference, "the fields are the twin's");
    hold(same(requestPacket, request as Uint8Array), "both readers make one request");
    return `read ${dialect} ${Math.min(fields.serverAddresses.length, 3)}`;
  },
};

interface Verifying {
  readonly rules: Verifier;
  readonly tokens: ReturnType<typeof tokensOf>;
}

/** Verifiers by the flags of an input, made as they are asked for. */
const verifiers = new Map<number, Verifying>();

function verifierOf(flags: number): Verifying {
  const found = verifiers.get(flags);
  if (found) return found;
  const dialect = dialectOf(flags);
  const { fields, secret } = samples[DIALECTS.indexOf(dialect)] as NetcodeToken;
  const rules: Verifier = {
    ...{ dialect, protocolId: fields.protocolId, secrets: [secret] },
    serverAddresses: flags & LISTED ? fields.internalServerAddresses.slice(0, 1) : undefined,
    ...(flags & BOUNDED ? { maxLifetime: 1000n, leeway: 60n } : {}),
  };
  const made = { rules, tokens: tokensOf(rules) };
  verifiers.set(flags, made);
  return made;
}

export const netcode: Target = {
  name: "netcode",
  maxLength: 1 + REQUEST_BYTES,
  seeds: samples.flatMap(({ dialect, token, secret }) => {
    const request = requestOf(dialect, token);
    request.set(u64Bytes(NOW + 100n), 22);
    if (dialect === "lightyear") request.set(u64Bytes(NOW + 100n).reverse(), 22);
    const data = request.slice(1, 30);
    const text = opensslOpen(
      secret,
      request.slice(30, 54),
      requestOf(dialect, token).slice(54),
      requestOf(dialect, token).slice(1, 30),
    );
    const sealed = request.slice();
    sealed.set(opensslSeal(secret, request.slice(30, 54), text as Uint8Array, data), PRIVATE_AT);
    const clear = request.slice();
    clear.set(text as Uint8Array, PRIVATE_AT);
    return [inputOf([flagOf(dialect) | SEALED | LISTED], clear), inputOf([flagOf(dialect)], sealed)];
  }),
  dictionary: [...PIECES, u64Bytes(NOW), u64Bytes(NOW + 1n), u64Bytes(NOW).reverse(), u64Bytes(NOW + 1065n)],
  run(input) {
    const flags = input[0] ?? 0;
    const { rules, tokens } = verifierOf(flags & 0x1e);
    const packet = new Uint8Array(REQUEST_BYTES);
    packet.set(input.subarray(1));
    if (flags & SEALED) {
      const [data, nonce, text] = [packet.slice(1, 30), packet.slice(30, 54), packet.slice(54, 54 + TEXT_BYTES)];
      packet.set(opensslSeal(rules.secrets[0] as Uint8Array, nonce, text, data), PRIVATE_AT);
    }
    const verdict = tokens.verify(packet, { now: NOW });
    const outcome = outcomeOf(verdict);
    const expected = verifyRequest(rules, packet, NOW, opensslOpen);
    holdSame(outcome, typeof expected === "string" ? expected : "valid", "the verdict is the twin's");
    if (verdict.valid) {
      const { protocolId, expireTimestamp, ...claims } = verdict.claims;
      holdSame(claims, expected, "the claims are the twin's");
      holdSame(verdict.expiresAt, expireTimestamp + (rules.leeway ?? 0n), "it expires when it says");
      const id = `netcode:${hex(packet.subarray(30, 54))}${hex(packet.subarray(1062))}`;
      holdSame(verdict.tokenId, id, "it is known again by bytes that cannot be varied");
    }
    const many = tokens.verifyMany([packet, new Uint8Array(3), packet], { now: NOW });
    const answers = [outcomeOf(many.at(0)), many.reasonAt(1), outcomeOf(many.at(2))];
    holdSame(answers, [outcome, "wrong-size", outcome], "verifyMany says what verify says");
    holdSame(many.at(2), verdict, "with the same claims");
    return `${outcome} ${rules.dialect} ${(flags & SEALED) !== 0}`;
  },
};
