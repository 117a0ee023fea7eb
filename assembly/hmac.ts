// hmac.wasm: SHA-256, HMAC-SHA256 one by one and in batches, hex, base64url and digits. Pointers are byte addresses. No export
// leaves anything secret outside the key slots and, between the calls of a stream, HMAC_STREAM.

import { numbersAt, numbersBehind } from "./digits.ts";
import { base64urlDecode, base64urlEncode, hexDecode, hexEncode, isPlainText } from "./encoding.ts";
import { hmacCheck, hmacFinish, hmacStart, keySet, keyWipe } from "./sha256/hmac.ts";
import { signJobs, verifyJobs, verifyNestedJobs, verifyOne } from "./sha256/jobs.ts";
import { sha256, sha256Finish, sha256Start, sha256Update } from "./sha256/stream.ts";

export {
  base64urlDecode,
  base64urlEncode,
  hexDecode,
  hexEncode,
  hmacCheck,
  hmacFinish,
  hmacStart,
  isPlainText,
  keySet,
  keyWipe,
  numbersAt,
  numbersBehind,
  sha256,
  sha256Finish,
  sha256Start,
  sha256Update,
  signJobs,
  verifyJobs,
  verifyNestedJobs,
  verifyOne,
};
