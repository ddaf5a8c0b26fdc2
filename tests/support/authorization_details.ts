import { aCallCentre } from "./backchannel.ts";
import { aClient } from "./clients.ts";
import { aTelevision } from "./devices.ts";
import type { ProviderOptions } from "./provider.ts";

export const [payments, accounts, closed] = [
  "https://payments.example",
  "https://accounts.example",
  "https://closed.example",
];

const words = (en: string, de: string) => ({ en, de });

/** A payment: nested fields, and users are asked about each one. */
export const paymentType = {
  type: "payment_initiation",
  resources: [payments],
  text: words("Pay from your account", "Von Ihrem Konto bezahlen"),
  always_ask: true,
  fields: [
    {
      field: "instructedAmount",
      kind: "object",
      required: true,
      label: words("Amount", "Betrag"),
      fields: [
        { field: "currency", kind: "string", required: true, values: ["EUR", "CHF"] },
        { field: "amount", kind: "string", required: true, max_length: 12 },
      ],
    },
    { field: "creditorName", kind: "string", required: true, label: words("To", "An") },
    { field: "instant", kind: "boolean", label: words("At once", "Sofort") },
  ],
};

/** Looking at accounts, at two resources. */
export const accountType = {
  type: "https://scheme.example/account_information",
  resources: [accounts, payments],
  text: words("Look at your accounts", "Ihre Konten ansehen"),
  fields: [
    {
      field: "actions",
      kind: "strings",
      required: true,
      values: ["list", "balances", "history"],
      label: words("What", "Was"),
    },
    { field: "excluded", kind: "strings", max_items: 3, label: words("Not", "Nicht") },
    { field: "days", kind: "integer", minimum: 1, maximum: 90, label: words("Days", "Tage") },
    { field: "most", kind: "integer" },
    { field: "rate", kind: "number", minimum: 0, maximum: 1 },
  ],
};

export const closedType = { type: "closed", resources: [closed], text: { en: "Closed" } };

export const payment = {
  type: paymentType.type,
  instructedAmount: { currency: "EUR", amount: "123.50" },
  creditorName: "Merchant A",
};
export const look = {
  type: accountType.type,
  locations: [accounts],
  actions: ["list", "balances"],
};

export const types = [paymentType.type, accountType.type, closedType.type];
const scope = "openid profile email offline_access read";

export const detailsShop = aClient("shop", {
  grant_types: [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:token-exchange",
  ],
  scope,
  authorization_details_types: types,
});

/** A shop, a device and a call centre that may ask for all of it, and one client that may ask for none. */
export const detailsProvider = {
  clients: [
    detailsShop,
    aClient("plain", { scope, grant_types: ["authorization_code", "client_credentials"] }),
    aTelevision("tv", { authorization_details_types: types }),
    aCallCentre("bank", { authorization_details_types: types }),
  ],
  resources: [
    { resource: payments, access_token_format: "jwt", introspection_clients: ["plain"] },
    { resource: accounts, scopes: ["read"], introspection_clients: ["plain"], metadata: {} },
    { resource: closed, clients: ["nobody"] },
  ],
  authorizationDetailTypes: [paymentType, accountType, closedType],
} satisfies ProviderOptions;

/** The parameter. */
export function asking(...details: unknown[]): { readonly authorization_details: string } {
  return { authorization_details: JSON.stringify(details) };
}
