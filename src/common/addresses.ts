import { decimal } from "./digits.ts";

/** The four octets of text. Strictly dotted decimal: a URL parser would also take `0x7f.1` and read `010` as octal. */
export function ipv4Bytes(text: string): number[] | undefined {
  const octets: number[] = [];
  let start = 0;
  while (octets.length < 4) {
    const end = octets.length < 3 ? text.indexOf(".", start) : text.length;
    const octet = end < 0 ? -1 : decimal(text, start, end);
    if (octet < 0 || octet > 255) return undefined;
    octets.push(octet);
    start = end + 1;
  }
  return octets;
}

/** The 16 bytes, in network order, of text without brackets and zone. The platform's URL parser knows every form of RFC 4291 §2.2 and gives back hexadecimal groups. */
export function ipv6Bytes(text: string): number[] | undefined {
  for (let i = 0; i < text.length; i++) {
    // A URL parser drops tabs and line breaks, and a bracket or slash would end the host: let none of these reach it.
    if (!"0123456789abcdefABCDEF:.".includes(text.charAt(i))) return undefined;
  }
  let host: string;
  try {
    host = new URL(`http://[${text}]/`).hostname;
  } catch {
    return undefined;
  }
  const [head = "", tail = ""] = host.slice(1, -1).split("::");
  const first = groupBytes(head);
  const last = groupBytes(tail);
  return [...first, ...new Array<number>(16 - first.length - last.length).fill(0), ...last];
}

/** The bytes of hexadecimal groups between colons. */
function groupBytes(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((digits) => {
    const group = Number.parseInt(digits, 16);
    return [group >> 8, group & 0xff];
  });
}
