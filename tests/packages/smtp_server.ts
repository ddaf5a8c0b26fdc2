// Not in deno.json itself: deno task start would fetch it too.
export * from "npm:smtp-server@^3.21.6";
