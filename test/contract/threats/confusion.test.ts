import { afterAll, describe, expect, it } from "vitest";
import { CentrifugoTokens } from "../../../src/centrifugo/index.ts";
import { CuteTokens, verifySignature } from "../../../src/cute/index.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { type TirtcDeviceOptions, type TirtcSingleOptions, TirtcTokens } from "../../../src/tirtc/index.ts";
import { NOW, packetOf, plainFields } from "../../support/cute.ts";
import { Random } from "../../support/random.ts";
import { disguises, sharedSecret, signingSecret } from "../../support/schemes.ts";

// T2 and T16: everything that is signed here, against everything that verifies, all under the same key bytes. A stranger
// may present what was signed in any form: with its fields split anywhere, its MAC in any encoding, bare or dressed up.

const random = new Random(16);
const PROJECT = "project";
const LIFETIME = 3600;

/** What was signed, and by what: a packet, or text and its MAC. */
interface Signed {
  readonly token: unknown;
  readonly message?: string;
  readonly mac?: Buffer;
}

const held: { dispose(): void }[] = [];
function hold<Holder extends { dispose(): void }>(holder: Holder): Holder {
  held.push(holder);
  return holder;
}
afterAll(() => {
  for (const holder of held) holder.dispose();
});

const cute = (options: object) => {
  const secret = "suite" in options ? sharedSecret : signingSecret;
  return hold(new CuteTokens({ applicationId: 42, secret, ...options }));
};
const snapnet = (options: object) => hold(new SnapNetTokens({ secret: sharedSecret, sessionId: null, ...options }));
const centrifugo = (profile: "v0" | "v1", strict: boolean) => {
  const project = profile === "v0" ? { projectKey: PROJECT } : {};
  return hold(new CentrifugoTokens({ secret: sharedSecret, profile, strict, lifetime: LIFETIME, ...project }));
};
const tirtc = (keys: TirtcDeviceOptions | TirtcSingleOptions) =>
  hold(new TirtcTokens({ accessId: "access", secretKey: sharedSecret, ...keys }));

const cutes = {
  "Cute hydrogen": cute({}),
  "Cute hydrogen, native rules": cute({ strict: false, serverEndpoint: "10.0.0.1:7777" }),
  "Cute xchacha20poly1305": cute({ suite: "xchacha20poly1305" }),
};
const snapnets = { SnapNet: snapnet({}), "SnapNet, either case": snapnet({ upperCaseSignature: true }) };
const centrifugos = {
  "Centrifugo v0": centrifugo("v0", true),
  "Centrifugo v0, not strict": centrifugo("v0", false),
  "Centrifugo v1": centrifugo("v1", true),
  "Centrifugo v1, not strict": centrifugo("v1", false),
};
const tirtcs = {
  TiRTC: tirtc({ deviceSecretKey: sharedSecret }),
  "TiRTC, keys by peer": tirtc({ deviceSecretKey: () => sharedSecret }),
  "TiRTC, one signature": tirtc({ singleSignature: true }),
};

const hexMac = (text: string): Buffer => Buffer.from(text, "hex");

function signedText(token: string): Signed {
  return { token, message: token.slice(0, -65), mac: hexMac(token.slice(-64)) };
}

function signedTirtc(token: string): Signed {
  const [, message = "", mac = ""] = token.split(".");
  return { token, message, mac: Buffer.from(mac, "base64url") };
}

/** A Centrifugo token as it is issued for now, and as one with an info. */
function connection(tokens: CentrifugoTokens, project: string, info?: string): Signed {
  const given = { user: `user${random.below(1000)}`, ...(info === undefined ? {} : { info }) };
  const token = tokens.connectionParameters(given, { now: NOW });
  return { token, message: project + token.user + token.timestamp + token.info, mac: hexMac(token.token) };
}

function channel(tokens: CentrifugoTokens, info: string): Signed {
  const token = { client: "5c0b6a7e-0000-4000-8000-000000000000", channel: "$news", info };
  const sign = tokens.signChannel(token);
  return { token: { ...token, sign }, message: token.client + token.channel + info, mac: hexMac(sign) };
}

function api(tokens: CentrifugoTokens, project: string): Signed {
  const body = `{"method":"publish","params":{"channel":"$news","data":{"n":${random.below(1000)}}}}`;
  const sign = tokens.signApi(body);
  return { token: { data: body, sign }, message: project + body, mac: hexMac(sign) };
}

const packet = (tokens: CuteTokens): Signed => ({ token: packetOf(tokens.issue(plainFields(random))) });

const signers: Record<string, () => Signed> = {
  "Cute hydrogen": () => packet(cutes["Cute hydrogen"]),
  "Cute xchacha20poly1305": () => packet(cutes["Cute xchacha20poly1305"]),
  SnapNet: () => signedText(snapnets.SnapNet.issue({ userId: `u${random.below(1000)}`, sessionId: "s" }, { now: NOW })),
  "Centrifugo v0": () => connection(centrifugos["Centrifugo v0"], PROJECT),
  "Centrifugo v1": () => connection(centrifugos["Centrifugo v1"], ""),
  "Centrifugo v1 with info": () => connection(centrifugos["Centrifugo v1"], "", '{"name":"x"}'),
  "Centrifugo v0 channel sign": () => channel(centrifugos["Centrifugo v0"], "{}"),
  "Centrifugo v1 channel sign": () => channel(centrifugos["Centrifugo v1"], ""),
  "Centrifugo v0 API sign": () => api(centrifugos["Centrifugo v0"], PROJECT),
  "Centrifugo v1 API sign": () => api(centrifugos["Centrifugo v1"], ""),
  TiRTC: () => signedTirtc(tirtcs.TiRTC.issue({ peerId: "device://1", sub: "s" }, { now: NOW })),
  "TiRTC, one signature": () =>
    signedTirtc(tirtcs["TiRTC, one signature"].issue({ peerId: "device://1", sub: "s" }, { now: NOW })),
};

/** All ways of cutting text in three, the middle piece from `least` to `most` long. */
function cuts(text: string, least: number, most: number): [string, string, string][] {
  const found: [string, string, string][] = [];
  for (let from = 0; from <= text.length; from++) {
    for (let to = from + least; to <= Math.min(text.length, from + most); to++) {
      found.push([text.slice(0, from), text.slice(from, to), text.slice(to)]);
    }
  }
  return found;
}

/** The message behind the project key that a verifier hashes before it; nothing where another stands there. */
const behind = (project: string, message: string): string | undefined =>
  message.startsWith(project) ? message.slice(project.length) : undefined;

type Accepts = (signed: Signed) => boolean;
const asIs = (tokens: { verifyMany(list: never[], options: object): { validCount: number } }, list: unknown[]) =>
  tokens.verifyMany(list as never[], { now: NOW }).validCount > 0;

const verifiers: Record<string, Accepts> = {};
for (const [name, tokens] of Object.entries(cutes)) {
  verifiers[name] = ({ token }) => asIs(tokens, [token, ...disguises(token)]);
}
verifiers["verifySignature"] = ({ token }) =>
  [token, ...disguises(token)].some(
    (each) => each instanceof Uint8Array && each.length === 1024 && verifySignature(each, signingSecret.slice(32)),
  );
for (const [name, tokens] of Object.entries(snapnets)) {
  verifiers[name] = ({ token, message, mac }) =>
    asIs(tokens, [token, ...disguises(token), `${message}|${mac?.toString("hex")}`]);
}
for (const [name, tokens] of Object.entries(centrifugos)) {
  const project = name.includes("v0") ? PROJECT : "";
  verifiers[name] = ({ token, message, mac }) => {
    const list = [token, ...disguises(token)];
    const rest = message === undefined ? undefined : behind(project, message);
    for (const [user, timestamp, info] of rest === undefined ? [] : cuts(rest, 0, 21)) {
      list.push({ user, timestamp, info, token: mac?.toString("hex") });
    }
    return asIs(tokens, list);
  };
  verifiers[`${name}: channel`] = ({ token, message = "", mac }) =>
    [token, ...cuts(message, 0, message.length).map(([client, name, info]) => ({ client, channel: name, info }))].some(
      (each) => tokens.verifyChannel({ sign: mac?.toString("hex"), ...(each as object) } as never),
    );
  verifiers[`${name}: API`] = ({ token, message = "", mac }) => {
    const bytes = token instanceof Uint8Array ? token : Buffer.from(behind(project, message) ?? message);
    return tokens.verifyApi(bytes, mac?.toString("hex") ?? "0".repeat(64));
  };
}
for (const [name, tokens] of Object.entries(tirtcs)) {
  verifiers[name] = ({ token, message, mac }) =>
    asIs(tokens, [token, ...disguises(token), `v1.${message}.${mac?.toString("base64url")}`]);
}

// Centrifugo hashes text without separators or a mark of what it is for, so these bytes allow no distinction:
/** Any text is the body of some API request. */
const ANY_BODY = ["Centrifugo v1: API", "Centrifugo v1, not strict: API"];
/** Where the rules are not strict, any text is some client, channel and info. */
const ANY_CHANNEL = ["Centrifugo v0, not strict: channel", "Centrifugo v1, not strict: channel"];
/** Text that ends in ten digits, or in them and an object, is some user's token. */
const V1_TOKEN = ["Centrifugo v1", "Centrifugo v1, not strict"];
/** The project key before the text is all that v0 adds. */
const V0_BODY = ["Centrifugo v0: API", "Centrifugo v0, not strict: API"];
/** Channel signs are the same in both profiles. */
const CHANNEL = ["Centrifugo v0: channel", "Centrifugo v1: channel"];

const accepted: Record<string, readonly string[]> = {
  "Cute hydrogen": ["Cute hydrogen", "Cute hydrogen, native rules", "verifySignature"],
  "Cute xchacha20poly1305": ["Cute xchacha20poly1305"],
  SnapNet: ["SnapNet", "SnapNet, either case", ...V1_TOKEN, ...ANY_BODY, ...ANY_CHANNEL],
  "Centrifugo v0": [
    ...["Centrifugo v0", "Centrifugo v0, not strict"],
    ...V0_BODY,
    ...V1_TOKEN,
    ...ANY_BODY,
    ...ANY_CHANNEL,
  ],
  "Centrifugo v1": [...V1_TOKEN, ...ANY_BODY, ...ANY_CHANNEL],
  "Centrifugo v1 with info": [...V1_TOKEN, ...ANY_BODY, ...ANY_CHANNEL],
  "Centrifugo v0 channel sign": [...CHANNEL, ...ANY_BODY, ...ANY_CHANNEL],
  "Centrifugo v1 channel sign": [...CHANNEL, ...ANY_BODY, ...ANY_CHANNEL],
  "Centrifugo v0 API sign": [...V0_BODY, ...ANY_BODY, ...ANY_CHANNEL],
  "Centrifugo v1 API sign": [...ANY_BODY, ...ANY_CHANNEL],
  TiRTC: ["TiRTC", "TiRTC, keys by peer"],
  "TiRTC, one signature": ["TiRTC, one signature", ...ANY_BODY, ...ANY_CHANNEL],
};

describe("signed under the same key bytes, in every disguise", () => {
  it.each(Object.keys(signers))(
    "%s is accepted as what it is, and otherwise only where its bytes say no more",
    (name) => {
      const signed = (signers[name] as () => Signed)();
      const found = Object.keys(verifiers).filter((verifier) => (verifiers[verifier] as Accepts)(signed));
      expect(found.sort()).toEqual([...(accepted[name] as readonly string[])].sort());
    },
  );

  it("the exceptions are Centrifugo's alone: elsewhere all but the own scheme refuse", () => {
    for (const [name, verdict] of Object.entries(accepted)) {
      const scheme = name.split(" ")[0] as string;
      const strangers = verdict.filter((verifier) => !verifier.startsWith(scheme) && verifier !== "verifySignature");
      expect(
        strangers.filter((verifier) => !verifier.startsWith("Centrifugo v")),
        name,
      ).toEqual([]);
    }
  });

  it("is all that signs, against all that verifies", () => {
    expect([Object.keys(signers).length, Object.keys(verifiers).length]).toEqual([12, 21]);
    expect(Object.keys(accepted)).toEqual(Object.keys(signers));
  });
});

describe("what strict rules do refuse", () => {
  const verify = (token: object) => centrifugos["Centrifugo v1"].verify(token as never, { now: NOW }).valid;

  it("no JSON object that was signed as an API body is a token, however its bytes are cut", () => {
    const inner = '1700000000{"a":1}';
    const bodies = [
      `{"user":"${inner.replaceAll('"', '\\"')}"}`,
      `{"1700000000{":"1700000000","b":{"c":1}}`,
      '{"a":1700000000}',
      '{"a":[1700000000,{"b":2}]}',
      '[1700000000,{"a":1}]',
    ];
    for (const body of bodies) {
      expect(() => JSON.parse(body)).not.toThrow();
      const token = centrifugos["Centrifugo v1"].signApi(body);
      const found = cuts(body, 10, 10).filter(([user, timestamp, info]) => verify({ user, timestamp, info, token }));
      expect(found, body).toEqual([]);
    }
    // The search finds what there is.
    const token = centrifugos["Centrifugo v1"].signApi(`u${inner}`);
    const found = cuts(`u${inner}`, 10, 10).filter(([user, timestamp, info]) =>
      verify({ user, timestamp, info, token }),
    );
    expect(found).toEqual([["u", "1700000000", '{"a":1}']]);
  });
});
