import { generateFlow, createTable, type FlowTable, type GeneratedFlow } from "../../../protocol/flow/index.ts";

export async function flowOf(contributions: number, seed = 1): Promise<GeneratedFlow & { readonly table: FlowTable }> {
  const generated = await generateFlow({ contributions, seed });
  return { ...generated, table: createTable(generated.index, generated.files) };
}

/** A copy that a test may damage. */
export const copyOf = (bytes: Uint8Array): Uint8Array => bytes.slice();
