import { argv } from "node:process";
import { outcomes } from "./main.ts";

/** Runs on Node, which has the world as its argument, and writes an outcome a line. */
for await (const outcome of outcomes(JSON.parse(argv[2] ?? ""))) {
  console.log(JSON.stringify(outcome));
}
