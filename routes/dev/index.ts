import type { Deps } from "../../src/deps/deps.ts";
import { type Wing, wing } from "../wing.ts";
import { demoRoutes } from "./app.tsx";
import { mailRoutes } from "./mail.tsx";

/** The pages that only a development server has. */
export function devWing(deps: Deps): Wing {
  return wing(deps, [...demoRoutes(deps), ...mailRoutes(deps)]);
}
