// Reporters' pages and public ones.

import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { ExitThisPage } from "govuk-frontend/dist/govuk/components/exit-this-page/exit-this-page.mjs";

import { contentComponents, frameComponents, markSupport, startComponents } from "./components.js";

markSupport();
// Where a button asks for it, a second click within a second is swallowed. The sealing script has a
// guard of its own, so buttons that it brings in are left alone.
startComponents([...frameComponents, [ExitThisPage], [Button], ...contentComponents], document);

// The sealing script swaps the content of <main> and says so; what came in needs its components.
document.addEventListener("candour:step", (event) => startComponents(contentComponents, event.target));
