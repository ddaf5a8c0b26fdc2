// A program: importing it runs it, with the arguments of the process.
export * from "npm:@modelcontextprotocol/conformance@0.2.0-alpha.12/dist/index.js";
