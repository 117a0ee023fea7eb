export type { Seconds } from "../common/time.ts";
export type { HistoryAnswer } from "./answers.ts";
export type { TokenEnd, VerifiedTokens } from "./arguments.ts";
export { TokenHistory, type TokenHistoryOptions } from "./memory.ts";
export type { OriginInput } from "./origin.ts";
