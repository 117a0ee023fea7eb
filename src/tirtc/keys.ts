import type { Given } from "../common/options.ts";
import { prepareKeys, readSecrets, readTextSecret } from "../common/secrets.ts";
import { rangeError } from "../errors.ts";
import { HmacKey } from "../wasm/hmac/kernel.ts";
import { type DeviceKeyLookup, DeviceKeys } from "./devices.ts";
import type { TirtcOptions } from "./types.ts";

/** What tokens are signed with. */
export interface TirtcKeys {
  /** The access id's, newest first. */
  readonly outer: readonly HmacKey[];
  /** The one device's key, the devices' keys by peer, or (single signature) neither. */
  readonly device: HmacKey | undefined;
  readonly devices: DeviceKeys | undefined;
}

/** @throws ConnectTokensError where an option is missing or wrong, with nothing left behind */
export function prepareTirtcKeys(
  { secretKey, deviceSecretKey }: Given<TirtcOptions>,
  singleSignature: boolean,
): TirtcKeys {
  if (singleSignature && deviceSecretKey !== undefined) {
    throw rangeError("deviceSecretKey", "absent with singleSignature", deviceSecretKey);
  }
  const lookup = typeof deviceSecretKey === "function" ? (deviceSecretKey as DeviceKeyLookup) : undefined;
  const secrets = singleSignature || lookup ? [] : [readTextSecret(deviceSecretKey, "deviceSecretKey")];
  const [device] = prepareKeys(secrets, (secret) => new HmacKey(secret));
  try {
    const outer = prepareKeys(readSecrets(secretKey, "secretKey", readTextSecret), (secret) => new HmacKey(secret));
    return { outer, device, devices: lookup && new DeviceKeys(lookup) };
  } catch (error) {
    device?.dispose();
    throw error;
  }
}

export function disposeTirtcKeys({ outer, device, devices }: TirtcKeys): void {
  for (const key of outer) key.dispose();
  device?.dispose();
  devices?.dispose();
}
