// Not in deno.json itself: deno task start would fetch it too.
export * from "npm:@axe-core/playwright@^4.14.0";
