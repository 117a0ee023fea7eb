import { CentrifugoTokens } from "../../../../src/centrifugo/index.ts";
import { centrifugoSign } from "../../../reference/string-schemes.ts";
import { CLIENT } from "../../../support/centrifugo.ts";
import { hold, holdSame, inputOf, isWellFormed, outcomeOf, type Target, textOf } from "../target.ts";
import { isLooseObject } from "./json.ts";

const SECRET = "a secret";
const PROJECT = "project";
const NOW = 1_700_000_000;
const LIFETIME = 3600;
const SKEW = 60;

// The first byte of an input; the next two cut the text into its fields.
const SIGNED = 1;
const UTF16 = 2;
const V0 = 4;
const LOOSE = 8;
const FOREVER = 16;
const ANONYMOUS = 32;
const OPTIONS = V0 | LOOSE | FOREVER | ANONYMOUS;

const verifiers = new Map<number, CentrifugoTokens>();

function verifierOf(flags: number): CentrifugoTokens {
  const options = flags & OPTIONS;
  let tokens = verifiers.get(options);
  if (!tokens) {
    tokens = new CentrifugoTokens({
      secret: SECRET,
      ...(options & V0 ? { profile: "v0", projectKey: PROJECT } : { profile: "v1" }),
      lifetime: options & FOREVER ? 0 : LIFETIME,
      strict: !(options & LOOSE),
      skew: SKEW,
      allowAnonymous: (options & ANONYMOUS) !== 0,
    });
    verifiers.set(options, tokens);
  }
  return tokens;
}

/** Three fields, and what is to be signed before them. */
interface Fields {
  readonly flags: number;
  readonly parts: readonly [string, string, string];
  readonly signature: string;
}

/** Cuts an input into fields; one that is not signed here ends with what is to be taken for a signature. */
function fieldsOf(input: Uint8Array, prefix: (flags: number) => string): Fields {
  const flags = input[0] ?? 0;
  const text = textOf(input.subarray(3), (flags & UTF16) !== 0);
  const body = flags & SIGNED ? text : text.slice(0, -64);
  const first = Math.min(input[1] ?? 0, body.length);
  const second = Math.min(first + (input[2] ?? 0), body.length);
  const signature = flags & SIGNED ? centrifugoSign(SECRET, prefix(flags), body) : text.slice(-64);
  return { flags, parts: [body.slice(0, first), body.slice(first, second), body.slice(second)], signature };
}

const isInfo = (info: string, flags: number): boolean =>
  flags & LOOSE ? isWellFormed(info) : info === "" || isLooseObject(info, 64);

const isLooseTime = (text: string): boolean =>
  /^[+-]?[0-9]+$/.test(text) &&
  !text.endsWith("\n") &&
  BigInt.asIntN(64, BigInt(text.replace("+", ""))) === BigInt(text.replace("+", ""));

/** The verdict by the documents' words. */
function expected({ flags, parts: [user, timestamp, info], signature }: Fields): string {
  const strict = !(flags & LOOSE);
  const lifetime = flags & FOREVER ? 0 : LIFETIME;
  const named = user !== "" || !strict || (flags & ANONYMOUS) !== 0;
  let timed: boolean;
  if (strict) timed = /^[0-9]{10}$/.test(timestamp) && timestamp.length === 10;
  else timed = isLooseTime(timestamp);
  const formed = named && timed && isWellFormed(user) && isInfo(info, flags) && /^[0-9a-f]{64}$/.test(signature);
  if (!formed || signature.length !== 64) return "malformed";
  const project = flags & V0 ? PROJECT : "";
  if (centrifugoSign(SECRET, project, user, timestamp, info) !== signature) return "not-genuine";
  if (lifetime > 0 && BigInt(timestamp.replace("+", "")) + BigInt(lifetime) <= NOW) return "expired";
  return strict && Number(timestamp) > NOW + SKEW ? "not-yet-valid" : "valid";
}

const genuine = `user${NOW}${centrifugoSign(SECRET, `user${NOW}`)}`;
const pieces = [
  `${NOW}`,
  `${NOW + 61}`,
  "{}",
  '{"a":1}',
  '{"',
  "}",
  "9223372036854775807",
  "-1",
  "+0",
  "\0",
  "漢",
  "$",
  "$news",
];

export const centrifugo: Target = {
  name: "centrifugo",
  maxLength: 300,
  seeds: [
    inputOf([SIGNED, 2, 10], `42${NOW}`),
    inputOf([SIGNED | V0, 4, 10], `user${NOW - 4000}{"name":"Ann"}`),
    // The last second of each rule, and the first beyond it.
    ...[NOW - LIFETIME, NOW - LIFETIME + 1, NOW + SKEW, NOW + SKEW + 1].map((at) => inputOf([SIGNED, 1, 10], `u${at}`)),
    inputOf([SIGNED | LOOSE, 1, 10], `u${NOW - LIFETIME}`),
    inputOf([SIGNED | LOOSE, 1, 3], "u-17info"),
    inputOf([0, 4, 10], genuine),
  ],
  dictionary: pieces,
  run(input) {
    const fields = fieldsOf(input, (flags) => (flags & V0 ? PROJECT : ""));
    const { flags, parts, signature } = fields;
    const [user, timestamp, info] = parts;
    const tokens = verifierOf(flags);
    const token = { user, timestamp, info, token: signature };
    const verdict = tokens.verify(token, { now: NOW });
    const outcome = outcomeOf(verdict);
    holdSame(outcome, expected(fields), "the verdict is that of the documents");
    if (verdict.valid) {
      holdSame({ ...verdict.claims }, { user, timestamp, info }, "claims are the parameters");
      holdSame(tokens.issue({ user, timestamp, info }, { now: NOW }), signature, "issued again, it is the same token");
    }
    const many = tokens.verifyMany([token, {} as never, token], { now: NOW });
    holdSame([many.at(0), many.at(2)], [verdict, verdict], "verifyMany says what verify says");
    return `${outcome} ${flags & LOOSE}`;
  },
};

export const centrifugoChannel: Target = {
  name: "centrifugo-channel",
  maxLength: 300,
  seeds: [
    inputOf([SIGNED, 36, 5], `${CLIENT}$news`),
    inputOf([SIGNED | LOOSE, 6, 5], 'client$news{"a":1}'),
    inputOf([SIGNED, 36, 5], `${CLIENT.toUpperCase()}$news{"a":1}`),
  ],
  dictionary: pieces,
  run(input) {
    const fields = fieldsOf(input, () => "");
    const { flags, parts, signature: sign } = fields;
    const [client, channel, info] = parts;
    const tokens = verifierOf(flags);
    const accepted = tokens.verifyChannel({ client, channel, info, sign });
    let formed = isInfo(info, flags) && isWellFormed(client) && isWellFormed(channel);
    if (!(flags & LOOSE))
      formed &&= /^[0-9a-f-]{36}$/i.test(client) && channel.startsWith("$") && !channel.includes("{");
    holdSame(accepted, formed && centrifugoSign(SECRET, client, channel, info) === sign, "the rules decide");
    if (accepted) holdSame(tokens.signChannel({ client, channel, info }), sign, "signed again, it is the same sign");
    return `${accepted} ${formed} ${flags & LOOSE}`;
  },
};

export const centrifugoApi: Target = {
  name: "centrifugo-api",
  maxLength: 300,
  seeds: [inputOf([SIGNED, 0, 0], '{"method":"publish"}'), inputOf([V0, 0, 0], genuine)],
  dictionary: pieces,
  run(input) {
    const { flags, parts, signature: sign } = fieldsOf(input, (flags) => (flags & V0 ? PROJECT : ""));
    const tokens = verifierOf(flags & V0);
    const data = parts.join("");
    const project = flags & V0 ? PROJECT : "";
    const accepted = tokens.verifyApi(data, sign);
    holdSame(accepted, isWellFormed(data) && centrifugoSign(SECRET, project, data) === sign, "the MAC decides");
    holdSame(
      tokens.verifyApi(Buffer.from(data), sign),
      centrifugoSign(SECRET, project, data) === sign,
      "bytes likewise",
    );
    if (accepted) hold(tokens.signApi(data) === sign, "signed again, it is the same sign");
    return `${accepted} ${flags & V0}`;
  },
};
