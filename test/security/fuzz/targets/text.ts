import { isIPv4, isIPv6 } from "node:net";
import { parseDeviceLicense } from "../../../../src/tirtc/index.ts";
import {
  base64urlOf,
  base64urlTextsToBytes,
  base64urlToBytes,
  hexOf,
  hexToBytes,
} from "../../../../src/wasm/hmac/encoding.ts";
import { encodeEndpoint, endpointText, parseEndpoint } from "../../../support/endpoints.ts";
import { hold, holdSame, inputOf, readOrCode, type Target, textOf, utf8 } from "../target.ts";

/** The bytes of base64url, by the alphabet and by whether Node writes them the same way again. */
export function canonicalBase64url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64url");
  return /^[A-Za-z0-9_-]*$/.test(text) && bytes.toString("base64url") === text ? new Uint8Array(bytes) : undefined;
}

function plainHex(text: string): Uint8Array | undefined {
  return /^([0-9A-Fa-f]{2})*$/.test(text) && !text.includes("\n")
    ? new Uint8Array(Buffer.from(text, "hex"))
    : undefined;
}

export const encoding: Target = {
  name: "encoding",
  maxLength: 300,
  seeds: ["AAECAwQFBgcICQoLDA0ODw", "-_-_", "0123456789abcdefABCDEF00", "YQ.YWI.YWJj..YWJjZA"].map((text) =>
    inputOf([0], text),
  ),
  dictionary: ["=", "+", "/", "-_", "\n", "\0", "\u0141", "ff", "Zg", "."],
  run(input) {
    const text = textOf(input.subarray(1), (input[0] ?? 0) > 127);
    const bytes = base64urlToBytes(text);
    holdSame(bytes, canonicalBase64url(text), "base64url is read just where it is canonical");
    if (bytes) holdSame(base64urlOf(bytes), text, "base64url is written as it was read");
    const decoded = hexToBytes(text);
    holdSame(decoded, plainHex(text), "hex is read just where it is hex");
    if (decoded) holdSame(hexOf(decoded), text.toLowerCase(), "hex is written in lower case as it was read");
    const parts = text.split(".");
    const many = base64urlTextsToBytes(parts);
    parts.forEach((part, i) => {
      const one = many.bytes.slice(many.starts[i], many.starts[i + 1]);
      holdSame(one, canonicalBase64url(part) ?? new Uint8Array(0), "texts decoded together are as each alone");
    });
    return `${bytes ? "base64url" : ""} ${decoded ? "hex" : ""} ${text.length % 4} ${Math.min(parts.length, 5)}`;
  },
};

/** Whether text is an endpoint, by Node's own idea of addresses. */
function isEndpoint(text: string): boolean {
  const [, bracketed, dotted, port] = /^(?:\[([0-9A-Fa-f:.]*)\]|([0-9.]*)):([1-9][0-9]{0,4})$/.exec(text) ?? [];
  if (Number(port ?? 0) > 65535 || port === undefined || text.endsWith("\n")) return false;
  return bracketed !== undefined ? isIPv6(bracketed) : isIPv4(dotted ?? "");
}

export const endpoints: Target = {
  name: "endpoints",
  maxLength: 80,
  seeds: [
    "10.0.0.1:7777",
    "[2001:db8::1]:7777",
    "[::ffff:1.2.3.4]:65535",
    "[1:2:3:4:5:6:7:8]:1",
    "[::]:80",
    "[1:0:0:2:3:0:0:4]:1",
    "[::1:0:0:2]:1",
  ].map((text) => inputOf([0], text)),
  dictionary: ["::", "ffff:", "[", "]:", "255", "0", ":0:", "%eth0", "1.2.3.4", ":65535", ":65536", "０"],
  run(input) {
    const text = textOf(input.subarray(1), (input[0] ?? 0) > 127);
    const read = readOrCode(() => parseEndpoint(text), ["ERR_FORMAT"]);
    holdSame(typeof read === "object", isEndpoint(text), "an endpoint is read just where Node calls it an address");
    if (typeof read !== "object") return read;
    const canonical = endpointText(read);
    holdSame(parseEndpoint(canonical), read, "an endpoint written and read again is the same");
    holdSame(encodeEndpoint(canonical, "e"), encodeEndpoint(text, "e"), "both spellings are the same bytes");
    holdSame(encodeEndpoint(read, "e"), encodeEndpoint(text, "e"), "the object is the same bytes");
    if (read.family === 6) {
      const mixed = read.address.startsWith("::ffff:") && read.address.includes(".");
      const host = new URL(`http://[${read.address}]/`).hostname;
      hold(mixed || host === `[${read.address}]`, "RFC 5952 is what the platform writes");
    }
    return `${read.family} ${read.address.split(":").length} ${read.address.includes("::")}`;
  },
};

export const deviceLicense: Target = {
  name: "device-license",
  maxLength: 100,
  seeds: [inputOf([0], "device-001,secret"), inputOf([0], ",,")],
  dictionary: [",", "\0", "\u{1f600}"],
  run(input) {
    const text = textOf(input.subarray(1), (input[0] ?? 0) > 127);
    const read = readOrCode(() => parseDeviceLicense(text), ["ERR_FORMAT"]);
    const [, id, key] = /^([^,]+),(.+)$/s.exec(text) ?? [];
    if (typeof read === "string") {
      hold(id === undefined, "a licence of two parts is read");
      return read;
    }
    holdSame({ ...read }, { deviceId: id, deviceSecretKey: key }, "a licence is split at its first comma");
    return `read ${utf8(text).length === text.length}`;
  },
};
