// Renders the design system's own macros, straight from the npm package, for the tests to compare ours with.
// Reads a JSON list of {component, macro, params} from standard input, writes a JSON list of their HTML.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import nunjucks from "nunjucks";

const templates = fileURLToPath(new URL("../../node_modules/nhsuk-frontend/dist", import.meta.url));
const environment = nunjucks.configure(templates, { trimBlocks: true, lstripBlocks: true });

const asked = JSON.parse(readFileSync(0, "utf8"));
const rendered = asked.map(({ component, macro, params }) =>
  environment.renderString(
    `{% from "nhsuk/components/${component}/macro.njk" import ${macro} %}{{ ${macro}(params) }}`,
    { params },
  ),
);
process.stdout.write(JSON.stringify(rendered));
