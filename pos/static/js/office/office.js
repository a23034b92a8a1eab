// What pages of the office get beside page.js.

import { wireFilters } from "./filters.js";
import { labelTables } from "./tables.js";

wireFilters();
labelTables();
document.addEventListener("htmx:after:swap", labelTables);
