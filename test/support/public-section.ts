import { decodePublicSection, type PublicSection, type SectionProblem } from "../../src/cute/public-section.ts";

/** A packet's public section, or the first thing that is wrong with it. */
export function inspectPublicSection(
  bytes: Uint8Array,
  offset: number,
  publicBytes: number,
): PublicSection | SectionProblem {
  const { section, problem } = decodePublicSection(bytes, offset, publicBytes);
  return section ?? problem;
}

/** The same with a verdict's reasons, which the kernel gives for the same packets. */
export function parsePublicSection(
  bytes: Uint8Array,
  offset: number,
  publicBytes: number,
): PublicSection | "not-a-connect-token" | "bad-endpoints" {
  const { section, problem } = decodePublicSection(bytes, offset, publicBytes);
  if (section) return section;
  return problem === "packet-type" || problem === "version" ? "not-a-connect-token" : "bad-endpoints";
}
