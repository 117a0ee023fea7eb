// The inner functions of ChaCha20 and Poly1305 under their own names, for the tests.

import {
  chacha20AdvanceCounter,
  chacha20Blocks,
  chacha20BlocksWithPoly1305,
  chacha20FillLanes,
  chacha20InitState,
  chacha20Xor,
  xorStream,
} from "../../../assembly/chacha20poly1305/chacha20.ts";
import { hchacha20, hchacha20FromBlock, hchacha20InitState } from "../../../assembly/chacha20poly1305/hchacha20.ts";
import {
  equalTags,
  poly1305Blocks,
  poly1305Finish,
  poly1305Start,
} from "../../../assembly/chacha20poly1305/poly1305.ts";

export {
  chacha20AdvanceCounter,
  chacha20Blocks,
  chacha20BlocksWithPoly1305,
  chacha20FillLanes,
  chacha20InitState,
  chacha20Xor,
  equalTags,
  hchacha20,
  hchacha20FromBlock,
  hchacha20InitState,
  poly1305Blocks,
  poly1305Finish,
  poly1305Start,
  xorStream,
};
