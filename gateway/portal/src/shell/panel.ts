import { createStore } from "@/api/store";

/** What is open above the page. */
export const panel = createStore<"none" | "search" | "help" | "shortcuts">("none");
