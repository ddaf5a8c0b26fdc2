// Not in deno.json itself: deno task start would fetch it too.
export { default } from "npm:@sparticuz/chromium@^153.0.0";
export * from "npm:@sparticuz/chromium@^153.0.0";
