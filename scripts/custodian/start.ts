import path from "node:path";
import type { About } from "../../protocol/annotation/index.ts";
import type { ServiceRules } from "../service/app.ts";
import { openServiceKey } from "../service/key.ts";
import type { ServiceLedger } from "../service/ledger.ts";
import { listen, listenSomewhere, type RunningService } from "../service/listen.ts";
import { createAdmission, type AdmissionList } from "./admission.ts";
import { importSet } from "./import.ts";
import { openJournal } from "./journal.ts";
import { openPictures } from "./pictures.ts";
import { drawPracticeImages, PRACTICE_SECRET, practiceDraft } from "./practice/set.ts";
import { createCustodianApp } from "./server.ts";

export interface CustodianParameters {
  /** Key, journal and pictures. */
  readonly dir: string;
  readonly name: About["name"];
  readonly ledger: ServiceLedger;
  readonly list?: AdmissionList | undefined;
  readonly rules: Pick<ServiceRules, "allowsHost" | "allowsOrigin" | "now" | "warn">;
  readonly port: number;
  /** Its address as readers know it, behind a proxy; else where it listens. */
  readonly publicUrl?: string | undefined;
  /** Whether another port is taken when this one is. */
  readonly anyPort?: boolean;
}

export const openCustody = (dir: string) => ({ journal: openJournal(path.join(dir, "journal.sqlite")), pictures: openPictures(path.join(dir, "pictures")) });

/** Draws the practice set when it is not there yet. */
export async function addPractice({ journal, pictures }: ReturnType<typeof openCustody>, ledger: ServiceLedger): Promise<void> {
  if (journal.sets().some(({ set }) => set.id === "drawn-practice")) return;
  const draft = practiceDraft(ledger.chainId, ledger.domain.verifyingContract.toLowerCase());
  await importSet(draft, drawPracticeImages(1), { journal, pictures }, PRACTICE_SECRET);
}

/** @throws service-port-in-use, service-key-damaged */
export async function startCustodian(parameters: CustodianParameters): Promise<RunningService> {
  const { dir, ledger, list, rules, port } = parameters;
  const key = await openServiceKey(path.join(dir, "key"));
  const custody = openCustody(dir);
  if (custody.journal.sets().length === 0) await addPractice(custody, ledger);
  let address = parameters.publicUrl ?? "";
  const app = createCustodianApp({ ...custody, name: parameters.name, key, ledger, admission: createAdmission(ledger, list), resource: () => address, rules });
  const service = await (parameters.anyPort === true ? listenSomewhere : listen)(app, port, "The custodian's server");
  if (address === "") address = service.url;
  return {
    url: address,
    async close() {
      await service.close();
      custody.journal.close();
    },
  };
}
