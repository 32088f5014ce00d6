// Handlers', the board's and administrators' pages.

import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { Tabs } from "govuk-frontend/dist/govuk/components/tabs/tabs.mjs";

import { contentComponents, frameComponents, markSupport, startComponents } from "./components.js";

markSupport();
startComponents([...frameComponents, [Button, { preventDoubleClick: true }], [Tabs], ...contentComponents], document);
