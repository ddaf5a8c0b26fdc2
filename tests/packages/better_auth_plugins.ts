export * from "npm:better-auth@^1.7.25/plugins";
