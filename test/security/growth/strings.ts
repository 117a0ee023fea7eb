import { chacha20Poly1305, createSha256, hmacSha256, sha256, xchacha20Poly1305 } from "../../../src/crypto.ts";
import { SnapNetTokens } from "../../../src/snapnet/index.ts";
import { parseDeviceLicense, readPeerId } from "../../../src/tirtc/index.ts";
import { flipBit } from "../../support/bytes.ts";
import { CLIENT, makeCentrifugo, NOW, STAMP } from "../../support/centrifugo.ts";
import { Random } from "../../support/random.ts";
import { makeTirtc, PEER } from "../../support/tirtc.ts";
import { FAST, SLOW, type Verb } from "./verb.ts";

// The verbs of connect-tokens/crypto and of the schemes whose tokens are text.

const random = new Random(30);
const now = { now: NOW };
const key = random.bytes(32);
const message = random.bytes(200);

const verb = (name: string, run: Verb["run"], calls = FAST): Verb => ({ name, calls, run });
/** A forged twin: its last character is another one. */
const forged = (text: string): string => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
const alternating = (genuine: string): string[] =>
  Array.from({ length: 8 }, (_, i) => (i % 2 ? genuine : forged(genuine)));

const primitives: Verb[] = [
  verb("sha256", () => sha256(message).length === 32),
  verb("createSha256, update, digest", () => createSha256().update(message).update(key).digest().length === 32),
  verb("hmacSha256", () => hmacSha256(key, message).length === 32),
];
for (const [name, aead] of Object.entries({ chacha20Poly1305, xchacha20Poly1305 })) {
  const nonce = random.bytes(aead.nonceBytes);
  const sealed = aead.seal(key, nonce, message);
  const spoilt = flipBit(sealed, 7);
  primitives.push(
    verb(`${name}.seal`, () => aead.seal(key, nonce, message).length === sealed.length),
    verb(`${name}.open`, () => aead.open(key, nonce, sealed)?.length === message.length),
    verb(`${name}.open, forged`, () => aead.open(key, nonce, spoilt) === undefined),
  );
}

function snapnet(): Verb[] {
  const tokens = new SnapNetTokens({ secret: key, sessionId: "session" });
  const fields = { userId: "user", expiration: NOW + 9 };
  const genuine = tokens.issue(fields);
  const wrong = forged(genuine);
  const batch = alternating(genuine);
  return [
    verb("SnapNet issue", () => tokens.issue(fields) === genuine),
    verb("SnapNet verify", () => tokens.verify(genuine, now).valid),
    verb("SnapNet verify, forged", () => !tokens.verify(wrong, now).valid),
    verb("SnapNet verifyMany", () => [...tokens.verifyMany(batch, now)].filter(({ valid }) => valid).length === 4),
    verb("SnapNet constructor, dispose", () => {
      new SnapNetTokens({ secret: key, sessionId: null }).dispose();
      return true;
    }),
  ];
}

function centrifugo(): Verb[] {
  const tokens = makeCentrifugo();
  const fields = { user: "user", timestamp: STAMP, info: '{"a":1}' };
  const genuine = { ...fields, token: tokens.issue(fields) };
  const wrong = { ...genuine, token: forged(genuine.token) };
  const batch = alternating(genuine.token).map((token) => ({ ...fields, token }));
  const subscription = { client: CLIENT, channel: "$channel" };
  const sign = tokens.signChannel(subscription);
  const apiSign = tokens.signApi(message);
  return [
    verb("Centrifugo issue", () => tokens.issue(fields, now) === genuine.token),
    verb(
      "Centrifugo connectionParameters",
      () => tokens.connectionParameters({ user: fields.user, info: fields.info }, now).token === genuine.token,
    ),
    verb("Centrifugo verify", () => tokens.verify(genuine, now).valid),
    verb("Centrifugo verify, forged", () => !tokens.verify(wrong, now).valid),
    verb("Centrifugo verifyMany", () => [...tokens.verifyMany(batch, now)].filter(({ valid }) => valid).length === 4),
    verb("Centrifugo signChannel", () => tokens.signChannel(subscription) === sign),
    verb("Centrifugo verifyChannel", () => tokens.verifyChannel({ ...subscription, sign })),
    verb("Centrifugo verifyChannel, forged", () => !tokens.verifyChannel({ ...subscription, sign: forged(sign) })),
    verb(
      "Centrifugo channelResponse",
      () => tokens.channelResponse(CLIENT, [{ channel: "$channel" }])["$channel"]?.sign === sign,
    ),
    verb("Centrifugo signApi", () => tokens.signApi(message) === apiSign),
    verb("Centrifugo verifyApi", () => tokens.verifyApi(message, apiSign)),
    verb("Centrifugo verifyApi, forged", () => !tokens.verifyApi(message, forged(apiSign))),
    verb("Centrifugo constructor, dispose", () => {
      makeCentrifugo().dispose();
      return true;
    }),
  ];
}

function tirtc(): Verb[] {
  const tokens = makeTirtc();
  let calls = 0;
  // More devices than keys are kept prepared: each call drops one.
  const devices = makeTirtc({ deviceSecretKey: () => `device-secret-${calls++ % 1000}` });
  const fields = { peerId: PEER, sub: "subject" };
  const genuine = tokens.issue(fields, now);
  const wrong = `${genuine.slice(0, -1)}${genuine.endsWith("A") ? "E" : "A"}`;
  const batch = Array.from({ length: 8 }, (_, i) => (i % 2 ? genuine : wrong));
  const license = "license";
  return [
    verb("TiRTC issue", () => tokens.issue(fields, now).length === genuine.length),
    verb("TiRTC verify", () => tokens.verify(genuine, now).valid),
    verb("TiRTC verify, forged", () => !tokens.verify(wrong, now).valid),
    verb("TiRTC verifyMany", () => [...tokens.verifyMany(batch, now)].filter(({ valid }) => valid).length === 4, SLOW),
    verb("TiRTC verify, a thousand devices", () => !devices.verify(genuine, now).valid),
    verb("readPeerId", () => readPeerId(genuine) === PEER),
    verb("parseDeviceLicense, refused", () => {
      try {
        parseDeviceLicense(license);
        return false;
      } catch {
        return true;
      }
    }),
    verb("TiRTC constructor, dispose", () => {
      makeTirtc().dispose();
      return true;
    }),
  ];
}

export const stringVerbs: readonly Verb[] = [...primitives, ...snapnet(), ...centrifugo(), ...tirtc()];
