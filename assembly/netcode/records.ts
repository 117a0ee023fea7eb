// What is kept of a genuine request: the bytes that name its token, the slot that opened it, and the private part's text as
// far as its fields go. Records lie end to end, for the caller to copy in one go.

import { wipe } from "../bytes.ts";
import { ENDPOINT_IPV6_BYTES } from "../endpoint.ts";
import {
  NETCODE_KEPT,
  NETCODE_KEPT_STARTS,
  NETCODE_STATUS,
  OFFSET_KEPT_EXPIRE_TIMESTAMP,
  OFFSET_KEPT_PRIVATE,
  OFFSET_KEPT_SECRET_INDEX,
  OFFSET_KEPT_TOKEN_ID,
  STATUS_BAD_ADDRESSES,
  STATUS_NOT_THIS_SERVER,
  STATUS_VALID,
} from "../memory/netcode.ts";
import {
  KEY_BYTES,
  NONCE_BYTES,
  OFFSET_EXPIRE_TIMESTAMP,
  OFFSET_NONCE,
  OFFSET_PRIVATE_ADDRESSES,
  OFFSET_TAG,
  TAG_BYTES,
  USER_DATA_BYTES,
} from "./layout.ts";
import { addressCount, addressesEnd, listsOwnAddress } from "./public.ts";

/** Both keys and the user data. */
const BEHIND_ADDRESSES: usize = KEY_BYTES + KEY_BYTES + USER_DATA_BYTES;

/** The most bytes that a private part's fields can take, by its count of addresses, which its first 16 bytes hold. */
export function fieldsLength(text: usize): usize {
  return <usize>OFFSET_PRIVATE_ADDRESSES + <usize>addressCount(text) * ENDPOINT_IPV6_BYTES + BEHIND_ADDRESSES;
}

/**
 * Judges the addresses of a request whose private part was decrypted into the record at `out`, and completes the record.
 * One whose addresses are malformed is wiped.
 * @param decrypted how many bytes of the private part stand there
 * @returns where the next record goes
 */
export function keepRecord(index: usize, request: usize, secretIndex: usize, out: usize, decrypted: usize): usize {
  const text = out + OFFSET_KEPT_PRIVATE;
  const end = addressesEnd(text, addressCount(text));
  if (end === 0) {
    store<u8>(<usize>NETCODE_STATUS + index, STATUS_BAD_ADDRESSES);
    wipe(text, decrypted);
    return out;
  }
  store<u8>(<usize>NETCODE_STATUS + index, listsOwnAddress(text, end) ? STATUS_VALID : STATUS_NOT_THIS_SERVER);
  store<u32>(<usize>NETCODE_KEPT_STARTS + (index << 2), <u32>(out - NETCODE_KEPT));
  memory.copy(out + OFFSET_KEPT_TOKEN_ID, request + OFFSET_NONCE, NONCE_BYTES);
  memory.copy(out + OFFSET_KEPT_TOKEN_ID + NONCE_BYTES, request + OFFSET_TAG, TAG_BYTES);
  store<u64>(out + OFFSET_KEPT_EXPIRE_TIMESTAMP, load<u64>(request + OFFSET_EXPIRE_TIMESTAMP));
  store<u64>(out + OFFSET_KEPT_SECRET_INDEX, secretIndex);
  const length = end + BEHIND_ADDRESSES;
  wipe(text + length, decrypted - length);
  return text + length;
}
