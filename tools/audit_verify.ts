import { verifyExport } from "../src/audit/verify_export.ts";

/**
 * Verifies an export of the audit trail on any machine:
 *
 *     deno task audit:verify FILE [KID OF THE AUDIT KEY] [DAYS THAT EVENTS ARE KEPT, 90] [--head=HEAD]
 *
 * HEAD is the head or the root of a seal, as it was noted when the seal was made: it must be in the chain.
 * Exits with 0 if all is intact, with 1 if anything was tampered with, with 2 if the file is no export,
 * and with 3 if nothing is sealed yet.
 */
if (import.meta.main) {
  const flag = "--head=";
  const head = Deno.args.find((word) => word.startsWith(flag))?.slice(flag.length);
  const [file, kid, days = "90"] = Deno.args.filter((word) => !word.startsWith(flag));
  if (file === undefined || !/^\d+$/.test(days)) {
    console.error("usage: deno task audit:verify FILE [KID] [DAYS] [--head=HEAD]");
    Deno.exit(2);
  }
  const text = await Deno.readTextFile(file).catch((error) => {
    console.error(`${file} cannot be read: ${error.message}`);
    Deno.exit(2);
  });
  const keptSince = Date.now() - Number(days) * 86_400_000;
  const verification = await verifyExport(text, {
    keptSince,
    ...(kid === undefined ? {} : { kid }),
    ...(head === undefined ? {} : { head }),
  }).catch((error) => {
    console.error(`${file} is not an export of the audit trail: ${error.message}`);
    Deno.exit(2);
  });
  const { state, seals, sealedEvents, unsealedEvents, expiredEvents, problems } = verification;
  console.log(
    `${seals} seals over ${sealedEvents} events (${expiredEvents} of them expired); ` +
      `${unsealedEvents} events since the last seal`,
  );
  for (const problem of problems) console.log(problem);
  if (verification.head !== null) console.log(`head ${verification.head}`);
  const outcomes = {
    intact: { code: 0, says: "nothing was tampered with" },
    tampered: { code: 1, says: "the trail was tampered with" },
    // A trail that was thrown away looks the same, unless a head was noted.
    nothing_sealed: { code: 3, says: "nothing is sealed yet, so there is nothing to verify" },
  };
  const { code, says } = outcomes[state];
  console.log(says);
  Deno.exit(code);
}
