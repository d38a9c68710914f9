import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { config as zodConfig } from "zod";
import { Boot } from "./boot.tsx";
import { TextProvider } from "../i18n/text.tsx";
import "../styles/index.css";

// The page's content policy forbids code made from strings; zod would try.
zodConfig({ jitless: true });

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root.");
createRoot(root).render(
  <StrictMode>
    <TextProvider>
      <Boot />
    </TextProvider>
  </StrictMode>,
);
