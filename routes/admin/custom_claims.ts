import type { CustomClaim } from "../../stores/custom_claims.ts";
import * as providers from "../../stores/provider.ts";
import type { Provider } from "../../stores/provider.ts";
import {
  createCustomClaim,
  customClaimIn,
  deleteCustomClaim,
  updateCustomClaim,
} from "../../src/admin/custom_claims.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { JsonObject } from "../../src/protocol/json_entry.ts";
import type { Endpoints } from "../endpoint.ts";
import { answer } from "./http/answer.ts";
import { answered, apiEndpoints, type Endpoint } from "./http/endpoints.ts";
import {
  createRecord,
  deleteRecord,
  existing,
  reading,
  type Shown,
  type UpdateKind,
  updateRecord,
} from "./http/records.ts";
import { asAdministrator } from "./http/steps.ts";

/**
 * The claims that operators add to the standard ones. All definitions are in one record, so they share
 * their ETag. In a path, the id of a claim is its name, percent-encoded.
 */
export function customClaimRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/custom-claims", answered(deps, list))
    .post("/custom-claims", answered(deps, create))
    .get("/custom-claims/:id", answered(deps, read))
    .put("/custom-claims/:id", answered(deps, updating("replace")))
    .patch("/custom-claims/:id", answered(deps, updating("merge")))
    .delete("/custom-claims/:id", answered(deps, remove));
}

function shownAs({ claim, type, scope, label, changedBy }: CustomClaim): JsonObject {
  return { claim, type, scope, label, changed_by: changedBy };
}

/** The record of all definitions, shown as the one with a name. */
const shown: Shown<Provider> = {
  name: "custom claim",
  path: "/api/v1/custom-claims",
  idMember: "claim",
  collection: providers.all,
  refOf: () => providers.ref(),
  show: (entry, name) => shownAs(customClaimIn(entry, name)),
};

const list: Endpoint = (deps, request) =>
  asAdministrator(deps, request, async (tx) => {
    const { value } = await existing(tx, "custom claim", providers.ref());
    return answer({ items: value.customClaims.map(shownAs), next_cursor: null });
  });

const create: Endpoint = (deps, request) =>
  createRecord(deps, request, shown, async (tx, body) => {
    const provider = await existing(tx, "custom claim", providers.ref());
    return shownAs(createCustomClaim(tx, provider, body));
  });

const read: Endpoint = reading(shown);

function updating(kind: UpdateKind): Endpoint {
  return (deps, request, id) =>
    updateRecord(
      deps,
      request,
      shown,
      { id, kind },
      (tx, entry, wanted) => shownAs(updateCustomClaim(tx, entry, id, wanted)),
    );
}

const remove: Endpoint = (deps, request, name) =>
  deleteRecord(
    deps,
    request,
    shown,
    name,
    (tx, entry) => deleteCustomClaim(tx, entry, name),
  );
