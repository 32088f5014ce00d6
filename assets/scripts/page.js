// Reporters' pages and public ones.

import { ExitThisPage } from "govuk-frontend/dist/govuk/components/exit-this-page/exit-this-page.mjs";

import { contentComponents, frameComponents } from "./common.js";
import { markSupport, startComponents } from "./components.js";

markSupport();
startComponents([...frameComponents, [ExitThisPage], ...contentComponents], document);

// The sealing script swaps the content of <main> and says so; what came in needs its components.
document.addEventListener("candour:step", (event) => startComponents(contentComponents, event.target));
