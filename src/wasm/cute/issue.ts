import {
  OFFSET_SECRET_CLIENT_ID,
  OFFSET_SECRET_CLIENT_TO_SERVER_KEY,
  OFFSET_SECRET_SERVER_TO_CLIENT_KEY,
  OFFSET_SECRET_USER_DATA,
} from "../../../assembly/cute/layout.ts";
import {
  OFFSET_REQUEST_APPLICATION_ID,
  OFFSET_REQUEST_CREATION_TIMESTAMP,
  OFFSET_REQUEST_ENDPOINT_COUNT,
  OFFSET_REQUEST_ENDPOINTS,
  OFFSET_REQUEST_ENDPOINTS_LENGTH,
  OFFSET_REQUEST_ENTROPY,
  OFFSET_REQUEST_EXPIRATION_TIMESTAMP,
  OFFSET_REQUEST_HANDSHAKE_TIMEOUT,
  OFFSET_REQUEST_SECRET,
} from "../../../assembly/memory/cute.ts";
import { type CuteKernel, type CuteKey, cuteKernel, SUITES, type SuiteName } from "./kernel.ts";

/** Everything that goes into a token, each value in its range. */
export interface IssueRequest {
  readonly applicationId: bigint;
  readonly creationTimestamp: bigint;
  readonly expirationTimestamp: bigint;
  readonly handshakeTimeout: number;
  readonly endpoints: { readonly count: number; readonly bytes: Uint8Array };
  readonly clientId: bigint;
  readonly clientToServerKey: Uint8Array;
  readonly serverToClientKey: Uint8Array;
  readonly userData: Uint8Array;
}

/**
 * Issues the 1114 bytes of a connect token.
 *
 * @param entropy the suite's random bytes, 52 or 24; the caller wipes them
 * @throws ConnectTokensError `ERR_DISPOSED`
 */
export function issueWith(
  key: CuteKey,
  suite: SuiteName,
  request: IssueRequest,
  entropy: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const running = cuteKernel();
  const { arenas, calls, scratch, token } = running;
  const { slot } = key;
  try {
    writeRequest(running, request, entropy);
    calls.issue(slot, SUITES[suite]);
    const issued = token.slice();
    token.fill(0);
    return issued;
  } catch (error) {
    scratch.fill(0);
    arenas.fill(0);
    throw error;
  }
}

function writeRequest({ request: view, requestBytes }: CuteKernel, request: IssueRequest, entropy: Uint8Array): void {
  requestBytes.fill(0);
  view.setBigUint64(OFFSET_REQUEST_APPLICATION_ID, request.applicationId, true);
  view.setBigUint64(OFFSET_REQUEST_CREATION_TIMESTAMP, request.creationTimestamp, true);
  view.setBigUint64(OFFSET_REQUEST_EXPIRATION_TIMESTAMP, request.expirationTimestamp, true);
  view.setUint32(OFFSET_REQUEST_HANDSHAKE_TIMEOUT, request.handshakeTimeout, true);
  view.setUint32(OFFSET_REQUEST_ENDPOINT_COUNT, request.endpoints.count, true);
  view.setBigUint64(OFFSET_REQUEST_SECRET + OFFSET_SECRET_CLIENT_ID, request.clientId, true);
  requestBytes.set(request.clientToServerKey, OFFSET_REQUEST_SECRET + OFFSET_SECRET_CLIENT_TO_SERVER_KEY);
  requestBytes.set(request.serverToClientKey, OFFSET_REQUEST_SECRET + OFFSET_SECRET_SERVER_TO_CLIENT_KEY);
  requestBytes.set(request.userData, OFFSET_REQUEST_SECRET + OFFSET_SECRET_USER_DATA);
  requestBytes.set(entropy, OFFSET_REQUEST_ENTROPY);
  view.setUint32(OFFSET_REQUEST_ENDPOINTS_LENGTH, request.endpoints.bytes.length, true);
  requestBytes.set(request.endpoints.bytes, OFFSET_REQUEST_ENDPOINTS);
}
