import { jsonOrNull } from "../protocol/json_entry.ts";
import { type TrailLine, trailLineSchema } from "./trail.ts";
import { type Verification, type VerifyOptions, verifyTrail } from "./verify.ts";

/**
 * Verifies an export of the trail, one JSON object per line, without the server.
 * @throws {Error} names the first line that does not belong to a trail
 */
export async function verifyExport(text: string, options: VerifyOptions): Promise<Verification> {
  const lines = text.split("\n").flatMap((line, index) =>
    line === "" ? [] : [trailLine(line, index + 1)]
  );
  return await verifyTrail(() => lines, options);
}

function trailLine(line: string, number: number): TrailLine {
  const { data } = trailLineSchema.safeParse(jsonOrNull(line));
  if (data === undefined) throw new Error(`line ${number} does not belong to an audit trail`);
  return data;
}
