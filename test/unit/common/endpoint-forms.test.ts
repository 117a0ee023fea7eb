import { describe, expect, it } from "vitest";
import {
  decodeEndpoint,
  type EndpointForm,
  encodeEndpoint,
  encodeEndpoints,
  NATIVE_FORM,
  parseEndpoint,
} from "../../../src/common/endpoints.ts";
import { seededRandom } from "../../reference/endpoints.ts";
import { thrownBy } from "../../support/errors.ts";

const RENET: EndpointForm = { littleEndianGroups: false, littleEndianPort: true };
const LIGHTYEAR: EndpointForm = { littleEndianGroups: false, littleEndianPort: false };

describe("the form of an endpoint", () => {
  it.each([
    // netcode.md §5.4 has the first; the others are its dialects.
    ["little-endian groups and port", NATIVE_FORM, "0220010db8000000000000000000000001", "409c"],
    ["network order and a little-endian port", RENET, "0220010db8000000000000000000000001", "409c"],
    ["network order throughout", LIGHTYEAR, "0220010db8000000000000000000000001", "9c40"],
  ])("%s", (name, form, network, port) => {
    const swapped = network.slice(2).replace(/(..)(..)/g, name.startsWith("little") ? "$2$1" : "$1$2");
    expect(Buffer.from(encodeEndpoint("[2001:db8::1]:40000", "it", form)).toString("hex")).toBe(`02${swapped}${port}`);
    expect(Buffer.from(encodeEndpoint("1.2.3.4:40000", "it", form)).toString("hex")).toBe(`0101020304${port}`);
  });

  it("reads back what it writes, as the same text in every form", () => {
    const random = seededRandom(54);
    for (let i = 0; i < 2000; i++) {
      const groups = Array.from({ length: 8 }, () => [0, random(16), random(256), random(65536)][random(4)] as number);
      if (i % 10 === 0) groups.splice(0, 6, 0, 0, 0, 0, 0, 0xffff);
      const text = `[${groups.map((group) => group.toString(16)).join(":")}]:${1 + random(65535)}`;
      const read = [NATIVE_FORM, RENET, LIGHTYEAR].map((form) =>
        decodeEndpoint(encodeEndpoint(text, "it", form), 0, form),
      );
      expect(read[1]).toEqual(read[0]);
      expect(read[2]).toEqual(read[0]);
      const { address, port } = parseEndpoint(text, "it");
      expect(address).toEqual(groups.flatMap((group) => [group >> 8, group & 255]));
      expect(port).toBe(read[0]?.port);
    }
  });
});

it("a list is held to its scheme's number and room, in its scheme's words", () => {
  const rules = { form: LIGHTYEAR, maxCount: 3, room: 20, place: "the token", noun: "addresses" };
  const encode = (list: unknown) => encodeEndpoints(list, "serverAddresses", rules);
  expect(encode(["1.2.3.4:1", "1.2.3.4:2"])).toMatchObject({ count: 2, bytes: { length: 14 } });
  expect(thrownBy(() => encode(["1.2.3.4:1", "[::1]:2"]))).toMatchObject({
    code: "ERR_RANGE",
    message: "serverAddresses need 26 bytes, but the token has room for 20",
  });
  expect(thrownBy(() => encode(Array(4).fill("1.2.3.4:1")))).toMatchObject({
    code: "ERR_RANGE",
    message: "serverAddresses must be a list of 1 to 3 addresses, got an array of 4",
  });
  expect(thrownBy(() => encode("1.2.3.4:1"))).toMatchObject({ code: "ERR_TYPE", argument: "serverAddresses" });
});
