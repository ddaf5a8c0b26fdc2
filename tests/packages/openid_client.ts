// Not in deno.json itself: deno task start would fetch it too.
export * from "npm:openid-client@^6.9.0";
