// The arenas of each module's memory map: where each begins, and how many bytes it has.
import { CONNECT_TOKEN_BYTES } from "../../assembly/cute/layout.ts";
import * as cute from "../../assembly/memory/cute.ts";
import * as hmac from "../../assembly/memory/hmac.ts";
import * as netcode from "../../assembly/memory/netcode.ts";
import type { modules } from "../../entries.mjs";

export type Arena = readonly [name: string, from: number, bytes: number];

const KEY_INPUT_BYTES = 128;
export const ARENAS: Readonly<Record<(typeof modules)[number], readonly Arena[]>> = {
  hmac: [
    ["scratch", hmac.HMAC_SCRATCH, hmac.HMAC_SCRATCH_BYTES],
    ["slots", hmac.HMAC_SLOTS, hmac.HMAC_KEY_SLOTS * hmac.HMAC_SLOT_BYTES],
    ["stream", hmac.HMAC_STREAM, hmac.HMAC_STREAM_BYTES],
    ["starts", hmac.HMAC_STARTS, (hmac.HMAC_MAX_TEXTS + 1) * 4],
    ["numbers", hmac.HMAC_NUMBERS, hmac.HMAC_MAX_TEXTS * 4],
    ["jobs", hmac.HMAC_JOBS, hmac.HMAC_MAX_TEXTS * hmac.HMAC_JOB_BYTES],
    ["status", hmac.HMAC_STATUS, hmac.HMAC_MAX_TEXTS],
    ["arena", hmac.HMAC_ARENA, hmac.HMAC_ARENA_BYTES],
  ],
  cute: [
    ["scratch", cute.CUTE_SCRATCH, cute.CUTE_SCRATCH_BYTES],
    ["slots", cute.CUTE_SLOTS, cute.CUTE_KEY_SLOTS * cute.CUTE_SLOT_BYTES],
    ["table", cute.CUTE_TABLE, cute.CUTE_TABLE_BYTES],
    ["slot list", cute.CUTE_SLOT_LIST, cute.CUTE_KEY_SLOTS * 4],
    ["checks", cute.CUTE_CHECKS, cute.CUTE_CHECKS_BYTES],
    ["own endpoints", cute.CUTE_OWN_ENDPOINTS, cute.CUTE_OWN_ENDPOINTS_BYTES],
    ["request", cute.CUTE_REQUEST, cute.CUTE_REQUEST_BYTES],
    ["token", cute.CUTE_TOKEN, CONNECT_TOKEN_BYTES],
    ["key input", cute.CUTE_KEY_INPUT, KEY_INPUT_BYTES],
    ["status", cute.CUTE_STATUS, cute.CUTE_MAX_PACKETS],
    ["slots that opened", cute.CUTE_OPENED_BY, cute.CUTE_MAX_PACKETS * 4],
    ["starts of kept records", cute.CUTE_KEPT_STARTS, cute.CUTE_MAX_PACKETS * 4],
    ["packets", cute.CUTE_PACKETS, cute.CUTE_PACKETS_BYTES],
    ["session packets", cute.CUTE_SESSION, cute.CUTE_SESSION_BYTES],
    ["secrets", cute.CUTE_SECRETS, cute.CUTE_MAX_PACKETS * cute.CUTE_SECRET_STRIDE],
    ["kept records", cute.CUTE_KEPT, cute.CUTE_KEPT_BYTES],
  ],
  netcode: [
    ["AEAD state", netcode.NETCODE_AEAD_STATE, netcode.NETCODE_AEAD_STATE_BYTES],
    ["key input", netcode.NETCODE_KEY_INPUT, netcode.NETCODE_KEY_INPUT_BYTES],
    ["scratch", netcode.NETCODE_SCRATCH, netcode.NETCODE_SCRATCH_BYTES],
    ["own addresses", netcode.NETCODE_OWN_ADDRESSES, netcode.NETCODE_OWN_ADDRESSES_BYTES],
    ["checks", netcode.NETCODE_CHECKS, netcode.NETCODE_CHECKS_BYTES],
    ["token", netcode.NETCODE_TOKEN, netcode.NETCODE_TOKEN_BYTES],
    ["status", netcode.NETCODE_STATUS, netcode.NETCODE_MAX_REQUESTS],
    ["starts of kept records", netcode.NETCODE_KEPT_STARTS, netcode.NETCODE_MAX_REQUESTS * 4],
    ["slot list", netcode.NETCODE_SLOT_LIST, netcode.NETCODE_KEY_SLOTS * 4],
    ["slots", netcode.NETCODE_SLOTS, netcode.NETCODE_KEY_SLOTS * netcode.NETCODE_SLOT_BYTES],
    ["requests", netcode.NETCODE_REQUESTS, netcode.NETCODE_REQUESTS_BYTES],
    ["kept records", netcode.NETCODE_KEPT, netcode.NETCODE_KEPT_BYTES],
    ["text", netcode.NETCODE_TEXT, netcode.NETCODE_TEXT_BYTES],
  ],
};
