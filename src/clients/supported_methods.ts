import {
  type ClientAuthenticationMethod,
  clientAuthenticationMethods,
} from "../../stores/client_authentication.ts";
import { certificateMethods } from "../config/certificate_settings.ts";
import type { Config } from "../config/config.ts";

/** The methods that work with the server's settings. */
export function supportedMethods(
  { clientCertificates, workloadIssuers }: Pick<Config, "clientCertificates"> & {
    readonly workloadIssuers: readonly unknown[];
  },
): readonly ClientAuthenticationMethod[] {
  const byCertificate: readonly string[] = certificateMethods(clientCertificates);
  return clientAuthenticationMethods.filter((method) => {
    if (method === "workload_jwt") return workloadIssuers.length > 0;
    return !method.endsWith("tls_client_auth") || byCertificate.includes(method);
  });
}
