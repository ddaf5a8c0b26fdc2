import {
  createResource,
  deleteResource,
  listResources,
  readResource,
  updateResource,
} from "../../src/admin/resources.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** Resource servers. The id of one in a path is its URI, percent-encoded. */
export function resourceRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/resources", answered(deps, listResources))
    .post("/resources", answered(deps, createResource))
    .get("/resources/:id", answered(deps, readResource))
    .put("/resources/:id", answered(deps, (...request) => updateResource(...request, "replace")))
    .patch("/resources/:id", answered(deps, (...request) => updateResource(...request, "merge")))
    .delete("/resources/:id", answered(deps, deleteResource));
}
