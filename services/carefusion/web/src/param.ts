import { useParams } from "@tanstack/react-router";

/** The id in the address of this page. */
export function useIdParam(): string {
  const params: unknown = useParams({ strict: false });
  return typeof params === "object" && params !== null && "id" in params && typeof params.id === "string" ? params.id : "";
}
