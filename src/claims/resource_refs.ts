import * as resources from "../../stores/resources.ts";
import type { RawParameters } from "../protocol/parameters.ts";

/** Resources that a request names and that a read should bring along. */
export function resourceRefs(parameters: RawParameters) {
  const named = parameters.resource ?? [];
  const list = typeof named === "string" ? [named] : named;
  // More than four, or one that is too long to be a key, is refused when the request is parsed.
  return list.filter((resource) => resource.length <= 256).slice(0, 4).map(resources.ref);
}
