// The package as it is built, by path: this folder has a package.json of its own, for the peers, so that the package's
// name means nothing here.

export { type CentrifugoToken, CentrifugoTokens } from "../dist/src/centrifugo/index.js";
export { chacha20Poly1305, sha256 } from "../dist/src/crypto.js";
export {
  type CuteIssue,
  type CuteOptions,
  CuteTokens,
  generateKey,
  generateSigningKeyPair,
  PACKET_BYTES,
  type Suite,
} from "../dist/src/cute/index.js";
export { CutePackets } from "../dist/src/cute/packets.js";
export { CutePool } from "../dist/src/cute/pool.js";
export { connectTokenPacket, readPublicSection } from "../dist/src/cute/public.js";
export { TokenHistory } from "../dist/src/history/index.js";
export { RedisTokenHistory } from "../dist/src/history/redis.js";
export type { Verdicts } from "../dist/src/index.js";
export {
  CONNECTION_REQUEST_BYTES,
  type Dialect,
  type NetcodeIssue,
  NetcodeTokens,
} from "../dist/src/netcode/index.js";
export {
  connectionRequestPacket,
  readConnectToken as readNetcodeToken,
} from "../dist/src/netcode/public.js";
export { SnapNetTokens } from "../dist/src/snapnet/index.js";
export { type TirtcToken, TirtcTokens } from "../dist/src/tirtc/index.js";
