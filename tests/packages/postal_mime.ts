// Not in deno.json itself: deno task start would fetch it too.
export { default } from "npm:postal-mime@^4.0.0";
export * from "npm:postal-mime@^4.0.0";
