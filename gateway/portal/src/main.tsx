import "./csp";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "@/api/query";
import { App, forgetWhenLeaving } from "./app";
import { makeRouter } from "./router";
import { followSystemTheme } from "./shell/theme";
import "./styles/index.css";

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root");

const client = createQueryClient();
const router = makeRouter(client);
forgetWhenLeaving(client);
followSystemTheme();

createRoot(container).render(
  <StrictMode>
    <App client={client} router={router} />
  </StrictMode>,
);
