// Not in deno.json itself: deno task start would fetch it too.
export * from "npm:@simplewebauthn/browser@^14.0.0";
