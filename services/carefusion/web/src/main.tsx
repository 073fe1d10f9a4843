import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { passing } from "./api/problem.ts";
import { router } from "./router.tsx";
import "./styles/page.css";

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root");

const client = new QueryClient({
  defaultOptions: {
    // What the service refused it refuses again; only what was not answered is asked again.
    queries: { retry: (failures, error) => passing(error) && failures < 3, refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
});

createRoot(container).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
