import { render } from "preact";
import "../../src/styles/tokens.css";
import "../../src/styles/reset.css";
import "./verify.css";
import { App } from "./app.tsx";
import { findLedger } from "./boot.ts";
import { createLaboratory } from "./laboratory.ts";
import { chooseLanguage } from "./text.ts";

function remembered(): string | null {
  try {
    return localStorage.getItem("chongwen.language");
  } catch {
    return null;
  }
}

const laboratory = createLaboratory();
const ground = await findLedger(laboratory.network);
laboratory.follow(ground);
const root = document.querySelector("#root");
if (root !== null) render(<App ground={ground} laboratory={laboratory} language={chooseLanguage(remembered(), navigator.languages)} />, root);
