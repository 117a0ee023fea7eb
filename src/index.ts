export { ConnectTokensError, type ErrorCode } from "./errors.ts";
export type { Accepted, Refused, Verdict, Verdicts } from "./verdict.ts";
export { type ModuleName, provideModule } from "./wasm/instantiate.ts";
