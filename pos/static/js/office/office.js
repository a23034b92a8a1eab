// What pages of the office get beside page.js.

import { wireFilters } from "./filters.js";
import { addJumps } from "./jumps.js";
import { labelTables } from "./tables.js";

wireFilters();
labelTables();
addJumps();
document.addEventListener("htmx:after:swap", labelTables);
