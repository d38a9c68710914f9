// A custodian of its own process, to be killed: prints its address, then serves. Arguments: folder.
import { createAdmission } from "../../../scripts/custodian/admission.ts";
import { createCustodianApp } from "../../../scripts/custodian/server.ts";
import { addPractice, openCustody } from "../../../scripts/custodian/start.ts";
import { fakeLedger, rulesAt, serveApp } from "../service/support.ts";
import { alice, custodianKey, ledger } from "./support.ts";

const custody = openCustody(process.argv[2] ?? "");
await addPractice(custody, ledger);
let address = "";
const known = fakeLedger(new Map([[alice.address, 1]]));
const app = createCustodianApp({
  ...custody, name: { en: "Victim", zh: "受害者" }, key: custodianKey, ledger: known, admission: createAdmission(known), resource: () => address, rules: rulesAt({ now: () => 1_800_000_000 }),
});
address = (await serveApp(app)).url;
console.log(address);
