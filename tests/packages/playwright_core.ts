// Not in deno.json itself: deno task start would fetch it too.
export * from "npm:playwright-core@^1.65.1";
