export { ConnectTokensError, type ErrorCode } from "./errors.ts";
export type { Accepted, Refused, RefusedWithClaims, Verdict, Verdicts, VerdictWithClaims } from "./verdict.ts";
export { type ModuleName, provideModule } from "./wasm/instantiate.ts";
