// Handlers', the board's and administrators' pages.

import { Tabs } from "govuk-frontend/dist/govuk/components/tabs/tabs.mjs";

import { contentComponents, frameComponents } from "./common.js";
import { markSupport, startComponents } from "./components.js";

markSupport();
startComponents([...frameComponents, [Tabs], ...contentComponents], document);
