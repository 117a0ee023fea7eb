import type { AbortSignalLike } from "../common/abort-signal.ts";

/** What `run` gives, or undefined where it fails or takes too long; rejects with the reason of `signal`. */
export function withinTime(
  run: () => Promise<unknown>,
  milliseconds: number,
  signal: AbortSignalLike | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const giveUp = end(() => resolve(undefined));
    const abort = end(() => reject(signal?.reason));
    const timer = setTimeout(giveUp, milliseconds);
    signal?.addEventListener("abort", abort);
    run().then((reply) => end(() => resolve(reply))(), giveUp);
  });
}
