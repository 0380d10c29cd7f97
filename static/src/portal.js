// Every page works without this file. It starts the NHS design system's components, which improve them.
import { initAll } from "./nhsuk-frontend.js";

initAll();
