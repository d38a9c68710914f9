declare module "virtual:contract-code" {
  import type { CodeTable } from "./chain/code.ts";

  export const codeTable: CodeTable;
}
