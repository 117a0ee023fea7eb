// The Gimli family under its own names, for the tests.

import { deterministicBytes } from "../../../assembly/gimli/deterministic.ts";
import { hashFinish, hashStart, hashUpdate } from "../../../assembly/gimli/hash.ts";
import { core } from "../../../assembly/gimli/permutation.ts";
import { secretboxOpen, secretboxPrepare, secretboxSeal } from "../../../assembly/gimli/secretbox.ts";

export { core, deterministicBytes, hashFinish, hashStart, hashUpdate, secretboxOpen, secretboxPrepare, secretboxSeal };
