// Builds static/build, the one folder that is served: `npm run build`.
// Everything from the NHS design system comes from the npm package at this moment; nothing of it is kept in git.

import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { compileAsync } from "sass";

const here = fileURLToPath(new URL(".", import.meta.url));
const sources = join(here, "src");
const built = join(here, "build");
const packages = join(here, "..", "node_modules");
const nhsuk = join(packages, "nhsuk-frontend", "dist", "nhsuk");
const arimo = join(packages, "@expo-google-fonts", "arimo");

// The icons that templates name, drawn by reference to one file so that no page repeats their outlines.
const ICONS = ["arrow-left", "arrow-right", "arrow-right-circle", "chevron-right-circle", "user"];

async function styles() {
  const { css } = await compileAsync(join(sources, "portal.scss"), {
    loadPaths: [packages],
    quietDeps: true,
    style: "compressed",
  });
  await writeFile(join(built, "portal.css"), css);
  const images = new Set([...css.matchAll(/url\("?images\/([^)"]+)"?\)/g)].map((match) => match[1]));
  await Promise.all(
    [...images].map((name) => cp(join(nhsuk, "assets", "images", name), join(built, "images", name))),
  );
}

async function scripts() {
  // The package's map is not served, so the line that points at it goes.
  const bundle = await readFile(join(nhsuk, "nhsuk-frontend.min.js"), "utf8");
  await writeFile(join(built, "nhsuk-frontend.js"), bundle.replace(/\/\/# sourceMappingURL=.*$/m, ""));
}

async function icons() {
  const symbols = await Promise.all(
    ICONS.map(async (name) => {
      const svg = await readFile(join(nhsuk, "assets", "images", `nhsuk-icon-${name}.svg`), "utf8");
      const outline = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>")).replace(/\sfill="[^"]*"/g, "");
      return `<symbol id="${name}" viewBox="0 0 24 24">${outline.trim()}</symbol>`;
    }),
  );
  await writeFile(
    join(built, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
  );
}

// What documents are set in (portal/documents.py).
async function fonts() {
  await Promise.all(
    ["400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"].map((cut) =>
      cp(join(arimo, cut, `Arimo_${cut}.ttf`), join(built, "fonts", `Arimo_${cut}.ttf`)),
    ),
  );
}

// What is ours and needs no compiling: scripts and the favicon. Not the NHS logo, which is not ours to use.
async function ours() {
  for (const name of await readdir(sources)) {
    if (!name.endsWith(".scss")) await cp(join(sources, name), join(built, name));
  }
}

await rm(built, { recursive: true, force: true });
await mkdir(join(built, "images"), { recursive: true });
await Promise.all([styles(), scripts(), icons(), fonts(), ours()]);
