// Not in deno.json itself: deno task start would fetch it too.
export * from "npm:@auth/core@^0.41.3";
