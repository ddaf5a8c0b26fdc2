// Not in deno.json itself: deno task start would fetch it too.
export { default } from "npm:axe-core@^4.14.1/axe.min.js";
export type { AxeResults } from "npm:axe-core@^4.14.1";
