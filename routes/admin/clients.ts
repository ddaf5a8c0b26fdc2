import {
  createClient,
  deleteClient,
  listClients,
  readClient,
  rotateClientSecret,
  updateClient,
} from "../../src/admin/clients.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** Clients, by the names of RFC 7591. */
export function clientRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/clients", answered(deps, listClients))
    .post("/clients", answered(deps, createClient))
    .get("/clients/:id", answered(deps, readClient))
    .put("/clients/:id", answered(deps, (...request) => updateClient(...request, "replace")))
    .patch("/clients/:id", answered(deps, (...request) => updateClient(...request, "merge")))
    .delete("/clients/:id", answered(deps, deleteClient))
    .post("/clients/:id/rotate-secret", answered(deps, rotateClientSecret));
}
