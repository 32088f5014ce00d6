// Builds what browsers load: two style sheets, three scripts, the mark; and what paper needs. Run: node assets/build.mjs
// Everything third-party comes from the lock file and stays out of the repository.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import * as esbuild from "esbuild";
import * as sass from "sass";

const assets = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(assets);
const built = path.join(root, "app", "static", "built");

// The last two are for PDF files: a page of its own, and rules that each drawing carries inside.
const styles = { "candour.css": "candour.scss", "reporter.css": "reporter.scss", "paper.css": "paper.scss", "drawings.css": "styles/_drawings.scss" };
const scripts = { "page.js": "scripts/page.js", "staff.js": "scripts/staff.js", "report.js": "report/main.js" };

// What a reporter's page loads, gzipped; over this, somebody on a bad line waits.
const reporterLimit = 110_000;
const reporterFiles = ["reporter.css", "page.js", "report.js", "favicon.svg"];

// Words whose presence means that something was bundled which the content security policy
// or the terms of GOV.UK Frontend forbid.
const forbidden = {
  ".css": ["@font-face", "GDS Transport", "url("],
  ".js": [".innerHTML", ".outerHTML", "insertAdjacentHTML", "document.write", "WebAssembly", "new Function", "localStorage", "sessionStorage"],
};

function styleSheet(entry) {
  const { css } = sass.compile(path.join(assets, entry), {
    style: "compressed",
    sourceMap: false,
    charset: false,
    quietDeps: true,
    loadPaths: [path.join(root, "node_modules")],
  });
  return css + "\n";
}

// A third of what the age library brings along is for recipients and passphrases that are not used here.
const withoutAbsent = {
  name: "without-absent",
  setup(build) {
    build.onResolve({ filter: /^@noble\/(curves\/nist|hashes\/scrypt)\.js$/ }, () => ({ path: path.join(assets, "absent.js") }));
  },
};

async function script(entry) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.join(assets, entry)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "eof",
    write: false,
    plugins: [withoutAbsent],
  });
  return outputFiles[0].text;
}

function refuseForbidden(name, text) {
  for (const word of forbidden[path.extname(name)] ?? []) {
    if (text.includes(word)) throw new Error(`${name} contains “${word}”`);
  }
}

async function main() {
  const files = {};
  for (const [name, entry] of Object.entries(styles)) files[name] = styleSheet(entry);
  for (const [name, entry] of Object.entries(scripts)) files[name] = await script(entry);
  files["favicon.svg"] = await readFile(path.join(assets, "candour-mark.svg"), "utf8");
  files["candour-mark.svg"] = files["favicon.svg"];

  const manifest = { format: "candour-assets/1", files: {} };
  const packed = {};
  for (const [name, text] of Object.entries(files)) {
    refuseForbidden(name, text);
    const bytes = Buffer.from(text, "utf8");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    manifest.files[name] = { sha256, bytes: bytes.length };
    packed[name] = gzipSync(bytes, { level: 9 }).length;
  }
  const reporterTotal = reporterFiles.reduce((sum, name) => sum + packed[name], 0);
  if (reporterTotal > reporterLimit) {
    throw new Error(`a reporter's page would load ${reporterTotal} bytes gzipped, more than ${reporterLimit}`);
  }

  await mkdir(built, { recursive: true });
  for (const old of await readdir(built)) if (!(old in files)) await rm(path.join(built, old), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(built, name), text);
  await writeFile(path.join(built, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");

  for (const name of Object.keys(files)) {
    console.log(`${name.padEnd(18)} ${String(manifest.files[name].bytes).padStart(7)} bytes, ${String(packed[name]).padStart(6)} gzipped`);
  }
  console.log(`a reporter's page  ${reporterTotal} gzipped of at most ${reporterLimit}`);
}

await main();
