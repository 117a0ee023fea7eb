// `npm run sbom`: writes build/sbom.cdx.json, the software bill of materials (CycloneDX 1.5) of what is published.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./files.ts";
import { type Bom, billOfMaterials, readMetafile } from "./materials.ts";

const npmSbom = (...options: string[]): Bom => {
  const given = ["sbom", "--sbom-format", "cyclonedx", ...options];
  const text = execFileSync("npm", given, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return JSON.parse(text) as Bom;
};

const { name } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { name: string };
const bom = billOfMaterials(npmSbom(), npmSbom("--omit", "dev"), readMetafile(), name);
const path = "build/sbom.cdx.json";
writeFileSync(join(ROOT, path), `${JSON.stringify(bom, null, 2)}\n`);
console.log(`${path}: ${bom.components.map((one) => one["bom-ref"]).join(", ")}`);
