import { ownOptions } from "../common/options.ts";
import { asNow, type Seconds } from "../common/time.ts";
import { rangeError, typeError } from "../errors.ts";

/** The time of a call. What follows a token has no clock of its own. */
export interface Moment {
  /** Unix seconds: what expires is asked by this clock. */
  readonly now: Seconds;
  /** Seconds of a monotonic clock, fractions allowed, such as `performance.now() / 1000`: what timers go by. */
  readonly time: number;
}

/** The moment of the call under way. */
export class Clock {
  now = 0n;
  time = 0;

  /**
   * Takes the moment of a call. A `time` that goes back stands still.
   *
   * @throws ConnectTokensError `ERR_TYPE` or `ERR_RANGE`, and the clock is as it was
   */
  take(moment: Moment): void {
    const { now, time } = ownOptions(moment, "moment");
    if (now === undefined) throw typeError("now", "Unix seconds, a number or a bigint", now);
    if (typeof time !== "number") throw typeError("time", "a number of seconds", time);
    if (!Number.isFinite(time) || time < 0) throw rangeError("time", "a finite number of seconds from 0", time);
    this.now = asNow(now);
    this.time = Math.max(this.time, time);
  }
}

/** How often a packet that wants an answer, and a keep alive, is sent: seconds. */
export const RESEND_SECONDS = 0.1;
/** Sums of times are not exact: a tick of just 0.1 s is not to be missed. */
const TOLERANCE = 1e-6;

/** Whether `seconds` have gone by since a moment. */
export function hasPassed(since: number, seconds: number, time: number): boolean {
  return time - since >= seconds - TOLERANCE;
}
